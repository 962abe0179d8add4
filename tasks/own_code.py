"""Errors in code of the user's own (``--tasks-from``): their file and line, not our traceback."""

from __future__ import annotations

import traceback

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.memory import of_memory, out_of_memory


def of_own_code(error: Exception) -> UserError | None:
    """What to tell where the innermost frame that is ours or the user's is the user's; None if the bug is ours."""
    from xharness.tasks.plugins import OWN_MODULE

    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        module = frame.f_globals.get("__name__", "")
        if module.startswith(OWN_MODULE):
            where = f"{frame.f_code.co_filename}, line {line}, in {frame.f_code.co_name}"
            what = f"{type(error).__name__}: {error}"
            return UserError(f"the code in {frame.f_code.co_filename} failed", f"{what} ({where})", "fix it")
        if module.partition(".")[0] == __name__.partition(".")[0]:
            return None
    return None


def of_system(error: OSError) -> UserError:
    """What the system refused, such as a name that is too long, for people."""
    what = f"cannot use {error.filename}" if error.filename is not None else "the system refused to read or write"
    return UserError(what, error.strerror or str(error), "check the path, its permissions and the space on the disk")


def told_of(error: Exception) -> UserError | None:
    """What to tell people of an exception that their code or the system raised; None if it is a bug of ours."""
    if told := of_own_code(error):
        return told
    if isinstance(error, OSError):
        return of_system(error)
    return of_memory(error) if out_of_memory(error) else None
