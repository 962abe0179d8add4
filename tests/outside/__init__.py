"""What a package from outside brings; nothing in here is imported by xharness."""
