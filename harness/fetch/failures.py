"""Why a source could not be used. The walk says so and continues with the next source."""

from __future__ import annotations

MALFORMED = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, AssertionError)
"""What code raises that meets values of other kinds than published ones: a number for a text, a list for a word, ..."""


class Unavailable(Exception):
    """A source that cannot be used; its text is one line for people."""


class Unreachable(Unavailable):
    """No connection to the host; other files of the same host need not be tried."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host} cannot be reached ({reason})")
        self.host = host


class Gone(Unavailable):
    """The host answers, but does not have the file (any more)."""


class Changed(Unavailable):
    """What came is not the file that was published, or that an earlier fetch recorded."""


class NotTheKnownFile(Changed):
    """A file of the authors with another hash than the published one; ``--accept-changed`` takes it."""


class OnlyManually(Unavailable):
    """A file that no program may or can fetch."""


class NotThere(Unavailable):
    """A folder that is imported does not have this file, which is not an error of the file."""
