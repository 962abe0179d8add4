"""Archives, tasks in Python, translations."""

from __future__ import annotations

from tests.fuzz.target import Target
from tests.fuzz.world import fetching

MINE = ("--tasks-from", "files/my_tasks.py")


def targets() -> list[Target]:
    """Files that other people wrote."""
    mt = ("data", "translation-quality", "--hypothesis", "de=data/text/de.txt", "--reference", "de=data/text/de.txt")
    return [
        Target("fetch xnli", "published/XNLI*", tuple(fetching("xnli", "out/data", "out/cache")), share=2),
        Target("fetch pawsx", "published/x-final.tar.gz", tuple(fetching("pawsx", "out/data", "out/cache")), share=3),
        Target("fetch mlqa", "published/MLQA_V1.zip", tuple(fetching("mlqa", "out/data", "out/cache")), share=2),
        Target("tasks show", "files/my_tasks.py", ("tasks", "show", "mood", *MINE), share=1),
        Target("tasks list", "files/my_tasks.py", ("tasks", "list", *MINE), share=0.5),
        Target("mood", "mood/**/*", ("data", "check", "--data", "mood", *MINE), lists=True, share=1),
        Target("translations", "data/text/de.txt", mt, share=0.5),
    ]
