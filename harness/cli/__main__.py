"""``python -m xharness.cli``: what launchers of several processes start."""

from xharness.cli import main

main()
