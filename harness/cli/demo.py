"""``xharness demo``: the whole benchmark on a made-up world, with nothing to download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import Quiet


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the world, the models, the run and the packed submission.")],
    seed: Annotated[int, typer.Option(help="Another seed makes another world.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Make a small multilingual world and tiny untrained models, then evaluate, check and pack a submission.

    The scores are those of random heads: what there is to see is the way from a checkpoint to a complete submission.

    Example: xharness demo --out demo
    """
    from harness.cli import evaluate, submission
    from harness.demo.checkpoints import write_models
    from harness.demo.world import write_world

    data, models, run = out / "data", out / "models", out / "run"
    _say(quiet, f"1/5 a world of 40 made-up languages: {data}")
    write_world(data, seed=seed)
    _say(quiet, f"2/5 a suite of tiny models with random weights: {models}")
    write_models(models, data, seed=seed)
    _say(quiet, f"3/5 xharness evaluate --model {models} --data {data} --out {run}")
    evaluate.run({"model": models, "data": data, "out": run, "seed": seed, "quiet": quiet, "as_json": False})
    _say(quiet, f"4/5 xharness submission check {run} --data {data}")
    submission.check(run, data=data)
    _say(quiet, f"5/5 xharness submission pack {run} --data {data} --out {out / 'submission.zip'}")
    submission.pack(run, out / "submission.zip", data=data)


def _say(quiet: bool, text: str) -> None:
    if not quiet:
        typer.secho(text, bold=True)
