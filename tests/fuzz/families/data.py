"""Data files, in XTREME's layout and as published: what is used and left out adds up to what is there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.fuzz.call import call
from tests.fuzz.families.predictions import TASKS, wrong_gold
from tests.fuzz.target import Accepted, Oracle, Target

EVALUATED = {
    "xnli": "data/download/xnli/test-de.tsv", "pawsx": "data/download/pawsx/test-de.tsv",
    "udpos": "data/download/udpos/test-de.tsv", "panx": "data/download/panx/test-de.tsv",
    "tatoeba": "data/download/tatoeba/de-en.*", "bucc2018": "data/download/bucc2018/de-en.*",
    "xquad": "data/download/xquad/xquad.de.json", "mlqa": "data/download/mlqa/**/*de*.json",
    "tydiqa": "data/download/tydiqa/**/*en.dev.json",
}  # fmt: skip
TRAINED = {
    "mnli": "data/intermediate/multinli_1.0/*", "anli_plus": "data/intermediate/*nli*/**/*",
    "qqp": "data/intermediate/QQP/*",
    "ccg": "data/intermediate/ccg/*", "squad_v2": "data/intermediate/squad_v2.0/*",
    "hellaswag": "data/intermediate/hellaswag/*", "cosmosqa": "data/intermediate/cosmosqa/*",
    "commonsenseqa": "data/intermediate/commonsenseqa/*", "squad_v1": "data/download/squad/*",
    "udpos": "data/download/udpos/*-en.tsv", "xnli": "data/download/xnli/*-en.tsv", "mlm": "data/text/*",
}  # fmt: skip


def targets() -> list[Target]:
    """``data check``, ``evaluate`` and ``finetune --plan`` on every file."""
    found = [
        Target("data check", "data/download/**/*", _check("data"), adds_up, lists=True, share=6),
        Target("data check labels", "data/labels/**/*", _check("data"), gold_is_gold, lists=True, share=3),
        Target("data check upstream", "unpacked/**/*", _check("unpacked"), adds_up, lists=True, share=4),
        Target("data check fetched.json", "fetched/fetched.json", _check("fetched", "pawsx"), lists=True, share=2),
        Target("data check fetched", "fetched/download/**/*", _check("fetched"), never, lists=True, share=0.5),
    ]
    for task, file in EVALUATED.items():
        languages = "en" if task == "tydiqa" else "de"
        more = ["--data", "data", "--out", "out/run", "--device", "cpu", "--quiet", "--langs", languages]
        command = ("evaluate", "--model", "suite", "--tasks", task, *more)
        found.append(Target(f"evaluate {task}", file, command, checked(task, languages), share=0.4))
    for task, file in TRAINED.items():
        command = ("finetune", "--model", "suite/encoder", "--task", task, "--data", "data", "--out", "out/ckpt")
        found.append(
            Target(f"plan {task}", file, (*command, "--set", "steps=1", "--set", "batch_size=2", "--plan"), share=0.2)
        )
    return found


def _check(folder: str, tasks: str = "") -> tuple[str, ...]:
    return ("data", "check", "--data", folder, "--json", *(("--tasks", tasks) if tasks else ()))


def adds_up(accepted: Accepted) -> str:
    """Rows that are used and left out are those that were read, and those are all that are in the file."""
    for task, about in json.loads(accepted.called.out)["tasks"].items():
        for cell in about["cells"]:
            for rows in cell["rows"]:
                if rows["read"] != rows["used"] + sum(rows["left_out"].values()):
                    return f"{task}: {rows} does not add up"
                file = accepted.sandbox / rows["file"]
                if file == accepted.file and rows["unit"] in ("row", "line"):
                    header = int(accepted.original.startswith((b"language\t", b"id\t")))
                    if _physical(file) - rows["read"] > header:
                        return f"{task}: rows of {rows['file']} are not counted: {rows}"
    return ""


def _physical(path: Path) -> int:
    """Lines that are not blank."""
    return sum(bool(row.strip()) for row in path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"))


def never(accepted: Accepted) -> str:
    """Whatever has a hash cannot be anything else, unless the mutation changed nothing."""
    before = accepted.before.out
    return "" if accepted.called.out == before and not _differs(accepted) else "accepts a changed file that has a hash"


def _differs(accepted: Accepted) -> bool:
    manifest = json.loads((accepted.sandbox / "fetched" / "fetched.json").read_text(encoding="utf-8"))
    name = str(accepted.file.relative_to(accepted.sandbox / "fetched"))
    content = accepted.file.read_bytes() if accepted.file.is_file() else b""
    return bool(hashlib.sha256(content).hexdigest() != manifest["files"][name]["sha256"])


def gold_is_gold(accepted: Accepted) -> str:
    """Gold that ``data check`` takes is gold by another reading."""
    if not accepted.file.is_file():
        return ""
    task = accepted.file.parent.name
    return wrong_gold(task, accepted.file) if task in TASKS else ""


def checked(task: str, language: str) -> Oracle:
    """What ``evaluate`` takes, ``data check`` takes as well."""

    def oracle(accepted: Accepted) -> str:
        again = call(accepted.sandbox, (*_check("data", task), "--langs", language))
        return "" if again.code == 0 else f"evaluates what data check refuses: {json.loads(again.out)['problems'][:1]}"

    return oracle
