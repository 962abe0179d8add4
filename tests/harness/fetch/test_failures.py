"""Why a source could not be used."""

from xharness.fetch.failures import Changed, NotTheKnownFile, Unavailable, Unreachable


def test_a_host_that_cannot_be_reached_is_named() -> None:
    error = Unreachable("example.org", "timed out")
    assert (str(error), error.host) == ("example.org cannot be reached (timed out)", "example.org")
    assert isinstance(error, Unavailable)
    assert issubclass(NotTheKnownFile, Changed)
