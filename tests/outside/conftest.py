"""The command line, called in this process."""

from tests.harness.conftest import call

__all__ = ["call"]
