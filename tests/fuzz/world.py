"""What the fuzzer starts from: the demo's tiny world in two languages, models, runs, and every other file that is read.

data/         XTREME's layout with training data          full/        a complete submission with its gold
suite/        untrained models; ckpt/ a finished phase    half/        the same phase, interrupted
runs/a, b     evaluations of two suites                   main.npz.xz  a baseline of runs/a
published/    archives as they are published              fetched/     one of them fetched, with fetched.json
unpacked/     upstream files as they lie in archives      files/       recipe, metadata, tasks, ids, synonyms
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.fuzz.call import call
from tests.harness.fetch.double import Double
from tests.harness.fetch.world import publish
from tests.sentence_models import layer, save_sentence_model
from tests.submissions.conftest import write_submission
from xharness.comparison.baseline import write_baseline
from xharness.comparison.sources import load_source
from xharness.demo.checkpoints import write_models
from xharness.demo.world import World, files
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, Registry
from xharness.train.finetune import finetune
from xharness.train.loop.trainer import Trainer
from xharness.train.options import FinetuneOptions

LANGUAGES = {"de", "en"}
CODE = re.compile(r"(?<![a-zA-Z])[a-z]{2}(?![a-z])")
SETS = (
    "steps=2",
    "batch_size=2",
    "learning_rate=1e-3",
    "eval_every=1",
    "max_length=32",
    "select=dev",
    "dev_examples=4",
)
PUBLISHED = ("XNLI-1.0.zip", "XNLI-MT-1.0.zip", "x-final.tar.gz", "MLQA_V1.zip")
UNPACKED = {"XNLI-1.0.zip": "xnli", "x-final.tar.gz": "pawsx", "ud-treebanks-v2.5.tgz": "udpos"}

RECIPE = """\
[xnli]
steps = 2
batch_size = 2
learning_rate = 1e-5
eval_every = 1
"""
METADATA = """\
name = "Our Model"
participant = "Ada"
affiliation = "Analytical Engines"
date = 2024-05-31
parameters = 560_000_000
pretraining_data = "CommonCrawl"
training_data_beyond_english = []
links = ["https://example.org/paper"]
"""


def write_base(base: Path, *, trained: bool = True) -> None:
    """Make everything, once; ckpt/ and half/ only if ``trained``."""
    made = {file.path: file.text for file in files(World(0, "tiny"))}
    for path, text in made.items():
        if set(CODE.findall(path)) <= LANGUAGES:
            _write(base / "data" / path, text)
    _write(base / "data" / "made.json", json.dumps({"made_from": {"seed": 0, "size": "tiny"}}))
    write_models(base / "suite", base / "data")
    if trained:
        _train(base)
    save_sentence_model(
        base / "suite" / "encoder",
        base / "embedding",
        dense=[layer(json.loads((base / "suite/encoder/config.json").read_text())["hidden_size"], 8)],
        longest=64,
        prompts={"prompts": {"query": "query: "}, "default_prompt_name": "query"},
    )
    _runs(base)
    write_submission(base / "full", XTREME)
    _upstream(base, made)
    _files(base)


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def training(out: str, steps: int) -> list[str]:
    """The phase of ckpt/ and half/ as a command."""
    sets = [part for one in (f"steps={steps}", *SETS[1:]) for part in ("--set", one)]
    return [
        "finetune", "--model", "suite/encoder", "--task", "xnli", "--data", "data", "--out", out,
        "--device", "cpu", "--save-every", "1", "--keep", "2", "--quiet", *sets,
    ]  # fmt: skip


def _train(base: Path) -> None:
    step = Trainer.step

    def interrupted(trainer: Trainer) -> None:
        if trainer.progress.step == 2:
            raise KeyboardInterrupt
        step(trainer)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(base)
        options = {
            "model": Path("suite/encoder"),
            "tasks": ("xnli",),
            "data": Path("data"),
            "device": "cpu",
            "sets": SETS,
        }
        more = {"save_every": 1, "keep": 2}
        finetune(FinetuneOptions(out=Path("ckpt"), **options, **more))  # type: ignore[arg-type]
        patch.setattr(Trainer, "step", interrupted)
        longer = {**options, "sets": ("steps=3", *SETS[1:])}
        with pytest.raises(UserError, match="interrupted"):
            finetune(FinetuneOptions(out=Path("half"), **longer, **more))  # type: ignore[arg-type]


def _runs(base: Path) -> None:
    write_models(base / "other", base / "data", seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(base)
        for name, model in (("a", "suite"), ("b", "other")):
            evaluate(EvaluateOptions(model=Path(model), data=Path("data"), out=Path("runs", name), device="cpu"))
        write_baseline(load_source(Path("runs/a"), Registry()), Path("main.npz.xz"))


def _upstream(base: Path, made: dict[str, str]) -> None:
    """Archives, a folder with what is in them, and a data folder that was fetched from them."""
    double = Double()
    publish(made, double)
    for url, content in double.files.items():
        name = url.rpartition("/")[2]
        if name in PUBLISHED:
            _write(base / "published" / name, content)
        if name in UNPACKED:
            _unpack(base / "unpacked" / "download" / UNPACKED[name], name, content)
    called = call(base, fetching("pawsx", "fetched"))
    assert called.code == 0, called
    shutil.rmtree(base / "cache")


def fetching(task: str, out: str, cache: str = "cache") -> list[str]:
    """Data of a task from published/."""
    more = ["--accept-changed", "--langs", "de", "--quiet", "--cache", cache]
    return ["data", "fetch", task, "--from", "published", "--data", out, *more]


def _unpack(folder: Path, name: str, content: bytes) -> None:
    """A published archive as somebody has it who unpacked it, of few languages."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {one: archive.read(one) for one in archive.namelist()}
    else:
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            members = {one.name: (tar.extractfile(one) or io.BytesIO()).read() for one in tar if one.isfile()}
    for path, text in members.items():
        if set(CODE.findall(path)) <= LANGUAGES | {"ud"}:
            _write(folder / path, text)


def _files(base: Path) -> None:
    _write(base / "files" / "recipe.toml", RECIPE)
    _write(base / "files" / "metadata.toml", METADATA)
    _write(base / "files" / "synonyms.tsv", "red\tscarlet\ngood\tfine\tgreat\n")
    page = (Path(__file__).parents[2] / "docs" / "adding-a-task.md").read_text(encoding="utf-8")
    _write(base / "files" / "my_tasks.py", page.partition("```python\n")[2].partition("```")[0])
    rows = (base / "data/download/xnli/train-en.tsv").read_text(encoding="utf-8").count("\n")
    _write(base / "files" / "ids.txt", "".join(f"{number}\n" for number in range(1, min(rows, 9))))
    for language in ("de", "en"):
        _write(base / "mood" / "download" / "mood" / f"test-{language}.tsv", "warm\tsoup\ncold\tsoup\n")
        _write(base / "mood" / "labels" / "mood" / f"test-{language}.tsv", "good\nbad\n")
