"""The trained demo: the whole chain of phases on the made-up world, by the code that trains real models.

pretraining (masked words in forty languages) → nine intermediate tasks in one mixture, every other step still masked
words → six targets (XQuAD and MLQA share a model), in English → nine tasks in all languages. Masked words of
bilingual text are what makes the rest transfer; training in English alone then costs the other languages a little of
it, as it does real models.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from xharness.checkpoints.provenance import read as read_provenance
from xharness.evaluation.evaluate import Reporter, Result
from xharness.studies.chain import run_chain
from xharness.studies.chain_checks import RETRIEVAL_FOLDER
from xharness.studies.chain_options import ChainOptions
from xharness.studies.phase_trainer import PhaseTrainer
from xharness.studies.targets import targets_of
from xharness.tasks.common.files import write_atomic
from xharness.tasks.intermediate import PAPER
from xharness.tasks.registry import XTREME, XTREME_R, benchmark
from xharness.train.mixture_options import MixtureOptions
from xharness.train.options import FinetuneOptions
from xharness.train.parallel import ProcessGroup

INTERMEDIATE = tuple(task.name for task in PAPER)
PRETRAINING = "mlm"
TEXT = 0.5  # share of the mixture's steps that hide words of all languages, as in the paper's arm with MLM
JOBS = 2  # processes that make the world, and targets at a time
FIRST, THEN = "pretraining.toml", "recipes.toml"

# Every number of the training that is not a default. A made-up encoder of half a million weights learns in minutes what
# real ones learn in weeks: small steps, many of them, at a hundred times the learning rate.
COMMON = {
    "warmup_ratio": 0.1,
    "weight_decay": 0.01,
    "adam_beta2": 0.98,  # phases are shorter than the thousand steps that 0.999 looks back
    "select": "dev",
    "eval_every": 1_000_000,  # once, after the last step: to show the score, not to choose by it
    "dev_examples": 100,
}
PhaseTable: TypeAlias = dict[str, Any]
PHASES_OF_XTREME: dict[str, PhaseTable] = {
    # Steps of 16 documents: at this size the number of steps counts, not their size. Twice the usual share of words
    # is hidden, because the other half of a bilingual page tells most of them.
    PRETRAINING: {"steps": 1000, "batch_size": 16, "learning_rate": 2e-3, "max_length": 64, "mlm_probability": 0.3},
    INTERMEDIATE[0]: {"steps": 650, "batch_size": 16, "learning_rate": 1e-3},
    # Targets are short: they see English only, and what more steps add there costs the other languages. But for
    # questions: which of several facts one is about is the hardest to learn. The longest come first.
    "xquad": {"steps": 400, "batch_size": 16, "learning_rate": 1e-3},
    "tydiqa": {"steps": 200, "batch_size": 16, "learning_rate": 1e-3},
    "pawsx": {"steps": 160, "batch_size": 32, "learning_rate": 1e-3},
    "xnli": {"steps": 120, "batch_size": 32, "learning_rate": 1e-3},
    "udpos": {"steps": 40, "batch_size": 32, "learning_rate": 1e-3},
    "panx": {"steps": 40, "batch_size": 32, "learning_rate": 1e-3},
}
# XTREME-R's chain is shorter and has no mixture, to cost no more. Its dual encoders make vectors as retrieval does, for
# this encoder has no pooler.
DUAL_ENCODER: PhaseTable = {
    "steps": 100, "batch_size": 32, "negatives": 16, "learning_rate": 5e-4, "pooling": "mean", "similarity_scale": 20.0
}  # fmt: skip
PHASES_OF_XTREME_R: dict[str, PhaseTable] = {
    PRETRAINING: {**PHASES_OF_XTREME[PRETRAINING], "steps": 1500},
    "xquad": {"steps": 600, "batch_size": 16, "learning_rate": 1e-3},
    "tydiqa": {"steps": 150, "batch_size": 16, "learning_rate": 1e-3},
    "xnli": {"steps": 200, "batch_size": 32, "learning_rate": 1e-3},
    "socialiqa": {"steps": 120, "batch_size": 16, "learning_rate": 1e-3},
    "xcopa": {"steps": 60, "batch_size": 16, "learning_rate": 1e-3},
    "lareqa": DUAL_ENCODER,
    "mewslix": DUAL_ENCODER,
    "udpos": PHASES_OF_XTREME["udpos"],
    "panx": PHASES_OF_XTREME["panx"],
}
PHASES = {XTREME.name: PHASES_OF_XTREME, XTREME_R.name: PHASES_OF_XTREME_R}
"""By benchmark and task; targets are trained in this order."""


def pretrain(
    start: Path, data: Path, out: Path, reporter: Reporter, *, version: str = XTREME.name, share: float = 1.0
) -> Path:
    """The first phase, and the recipes of all; the same call after a kill ends in the same bytes.

    Args:
        start: Untrained encoder with a head for masked words.
        share: Of the steps of every phase; less than 1 is for trying the way.
    """
    for name, content in recipe_files(share, version).items():
        write_atomic(out / name, content)
    # Grouped by length: pages of a line or two would otherwise be padded to the longest interview.
    text = FinetuneOptions(
        model=start, tasks=(PRETRAINING,), mixture=MixtureOptions(grouped=True), overrides=out / FIRST,
        **_common(data, out),
    )  # fmt: skip
    with one_thread():
        return PhaseTrainer(out, "cpu", reporter, ProcessGroup()).train(text).folder


def train(
    encoder: Path, data: Path, out: Path, reporter: Reporter, *, version: str = XTREME.name
) -> tuple[Result, list[Path]]:
    """Run the chain of a benchmark after pretraining, or continue it, as :func:`pretrain`.

    Returns:
        The evaluation of all cells, and the folders of the phases in order.
    """
    with one_thread():
        mixed = FinetuneOptions(model=encoder, overrides=out / THEN, **_mixture(version), **_common(data, out))
        named = _targets(mixed, version)
        chain = ChainOptions(train=mixed, named=named, evaluation=data, version=version, jobs=JOBS)
        result = run_chain(chain, reporter)
    assert result is not None  # a process alone is the main one
    suite = {name: checkpoint.path.resolve() for name, checkpoint in result.prepared.checkpoints.items()}
    return result, [encoder, *_phases(chain, suite)]


def _common(data: Path, out: Path) -> dict[str, Any]:
    """What all phases have in common."""
    return {"data": data, "out": out, "device": "cpu", "precision": "fp32"}


def is_mixed(version: str) -> bool:
    """Whether a benchmark's chain has intermediate tasks, all in one mixture."""
    return INTERMEDIATE[0] in PHASES[version]


def _mixture(version: str) -> dict[str, Any]:
    """The tasks that are trained on together before the targets; half of the steps stay with text of all languages."""
    return {"tasks": (*INTERMEDIATE, PRETRAINING), "mlm_ratio": TEXT} if is_mixed(version) else {"tasks": ()}


def _targets(train: FinetuneOptions, version: str) -> list[str]:
    """The targets of the benchmark, in the order of the tables."""
    known = targets_of(benchmark(version), train.registry)
    return [name for name in PHASES[version] if name in known]


def _phases(chain: ChainOptions, suite: Mapping[str, Path]) -> list[Path]:
    """The phases after pretraining as they follow each other."""
    found = [suite[RETRIEVAL_FOLDER].parent] if chain.train.tasks else []
    for target in chain.targets:
        found += [_parent(suite[target])] if target in chain.before_targets else []
        found.append(suite[target])
    return found


def _parent(phase: Path) -> Path:
    """The phase that another one began with; all lie in one folder."""
    record = read_provenance(phase)
    assert record is not None
    return Path(record["parents"][0]["path"])


def recipe_files(share: float = 1.0, version: str = XTREME.name) -> dict[str, str]:
    """The numbers above as files that ``--recipe-file`` takes, with that share of the steps.

    The mixture has steps and rate of its own, so that pretraining stands in a file apart.
    """
    tables = {
        name: {**table, "steps": max(2, round(table["steps"] * share))} for name, table in PHASES[version].items()
    }
    pretraining = tables.pop(PRETRAINING)
    text = {key: pretraining[key] for key in ("max_length", "mlm_probability")}
    return {FIRST: _toml({PRETRAINING: pretraining}), THEN: _toml({**tables, PRETRAINING: text})}


def _toml(tables: Mapping[str, PhaseTable]) -> str:
    """What all phases have in common, then a table each."""
    blocks: list[Mapping[str, Any]] = [COMMON, *tables.values()]
    heads = ["", *(f"\n[{name}]\n" for name in tables)]
    rows = ("".join(f"{key} = {json.dumps(value)}\n" for key, value in block.items()) for block in blocks)
    return "".join(head + row for head, row in zip(heads, rows, strict=True))


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for torch: the fastest for tiny models on a busy machine, and equal sums on any number of cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
