"""``python -m xharness``: the command line."""

from xharness.cli import main

main()
