"""The version of xharness, which keys, signatures and manifests take from here, and those of installed packages."""

from __future__ import annotations

from collections.abc import Iterable

VERSION = "0.2.0"


def installed(names: Iterable[str]) -> dict[str, str]:
    """Version of each package that is installed, by name; the others are left out."""
    from importlib.metadata import PackageNotFoundError, version  # a twelfth of the time that --help takes

    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
