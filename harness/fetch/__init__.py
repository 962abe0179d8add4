"""Getting the published data: from where, checked how, and turned into the folder that is evaluated."""
