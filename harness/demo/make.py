"""Everything that ``xharness demo`` leaves in its folder.

out/data/            the made-up world
out/start/           the untrained encoder that pretraining starts from
out/chain/           phases, suites and runs, as ``xharness benchmark`` lays them out, and recipes.toml
out/models           link to the suite: one checkpoint a task, and ``encoder`` for retrieval
out/run              link to the evaluation of the suite
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from xharness.demo.checkpoints import write_models, write_start
from xharness.demo.retrieval import Scores, measured_meanwhile, retrieval_of
from xharness.demo.training import JOBS, is_mixed, one_thread, pretrain, train
from xharness.demo.world import write_world
from xharness.evaluation.evaluate import Reporter, Result, evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.registry import XTREME
from xharness.train.phase_facts import Facts, facts_of_phases, finished_at

UNTRAINED = "untrained"


@dataclass(frozen=True)
class Made:
    """What is there now.

    Attributes:
        models: Link to the suite.
        run: Link to its evaluation.
        facts: The world, the phases and the evaluation, in order.
        earlier: What earlier encoders score in retrieval.
    """

    data: Path
    models: Path
    run: Path
    result: Result
    facts: list[Facts]
    earlier: Scores = field(default_factory=dict)


def make(
    out: Path,
    *,
    size: str = "demo",
    seed: int = 0,
    version: str = XTREME.name,
    newer: bool = False,
    trained: bool = True,
    share: float = 1.0,
    reporter: Reporter | None = None,
) -> Made:
    """Make the world, models for it and their evaluation; what is there already is kept.

    Args:
        size: tiny, demo or full; see :data:`xharness.demo.files.SIZES`.
        version: The benchmark whose world it is.
        newer: With data of the newer benchmarks, which are not evaluated.
        trained: Run the chain of phases; else the models are random, which takes seconds.
        share: Of the steps of every phase; less than 1 is for trying the way.

    Raises:
        UserError: An unknown size, or the folder holds something else.
    """
    check_folder(out)
    reporter = reporter or Reporter()
    data, chain = out / "data", out / "chain"
    runs = chain / "retrieval"
    started = time.time()
    reporter.progress("the world", 0.0)
    if trained:
        Thread(target=_import_torch).start()  # seconds, in which the world is made; to end meanwhile is not safe
    jobs = 1 if size == "tiny" else JOBS
    write_world(data, seed=seed, size=size, version=version, newer=newer, jobs=jobs)
    start = write_start(out / "start", data, seed=seed) if trained else None
    facts = [Facts("world", time.time() - started)]
    started, earlier = time.time(), dict[str, Path]()
    if start:
        encoder = pretrain(start, data, chain, reporter, version=version, share=share)
        earlier = {"untrained": start, **({"pretrained": encoder} if is_mixed(version) else {})}
        with measured_meanwhile(earlier, data, runs, version, seed) if jobs > 1 else nullcontext():
            result, phases = train(encoder, data, chain, reporter, version=version)
        facts += facts_of_phases(phases, started)
        started = max(started, *(finished_at(phase) for phase in phases))
    else:
        result = _evaluate_untrained(chain, data, seed, version, reporter)
    facts.append(Facts("evaluation", time.time() - started))
    before = retrieval_of(earlier, data, runs, version, seed)
    models, run = result.prepared.options.model, result.prepared.folder.path
    return Made(data, _link(out / "models", models), _link(out / "run", run), result, facts, before)


def _import_torch() -> None:
    import transformers.models.modernbert.modeling_modernbert  # noqa: F401


def _evaluate_untrained(chain: Path, data: Path, seed: int, version: str, reporter: Reporter) -> Result:
    """Random models where trained ones would lie, and their evaluation."""
    models = write_models(chain / "suites" / UNTRAINED, data, seed=seed)
    run = chain / "runs" / UNTRAINED
    options = EvaluateOptions(model=models, data=data, out=run, version=version, device="cpu", seed=seed)
    with one_thread():
        return evaluate(options, reporter)


def _link(link: Path, target: Path) -> Path:
    """Let a link point to a folder, in place of where it pointed before."""
    if link.exists() and not link.is_symlink():
        raise UserError(f"{link} is not a link", "the demo puts a link there", "choose another --out, or move it away")
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(target.resolve(), link.parent.resolve()), target_is_directory=True)
    return link
