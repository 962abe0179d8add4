"""``python -m harness.cli``: what launchers of several processes start."""

from harness.cli import main

main()
