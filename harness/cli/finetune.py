"""``xharness finetune``: one phase of training."""

from __future__ import annotations

import shlex
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.option_types import (
    CHECKS,
    DATA,
    SCREEN,
    SPEED,
    AllowPickle,
    DataSeed,
    Negatives,
    Quiet,
    RecipeName,
    SaveEvery,
    TasksFrom,
    Track,
    TrainDevice,
    TrainPrecision,
)
from xharness.cli.options import Fields, by_language, command, split_names, task_list
from xharness.cli.progress_screen import progress_shown
from xharness.cli.resumable import resumable
from xharness.cli.screen import put_json, say
from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from xharness.train.mixture_options import MixtureOptions
    from xharness.train.options import FinetuneOptions

MIX, ROBUST = "Several tasks", "Robust training"

HELP = """Fine-tune a checkpoint on one task, or on several under one encoder.

Example: xharness finetune --model ckpt/squad --task xnli --data data/ --out ckpt/squad-xnli

On four GPUs: torchrun --nproc-per-node 4 -m xharness.cli finetune ... with the same options
"""


def phase(
    model: Annotated[Path, typer.Option(help="Checkpoint or fetched id: pretrained, or of an earlier phase.")],
    task: Annotated[
        list[str],
        typer.Option(
            help="Task to train on; repeat it, or use commas, for a mixture.", autocompletion=complete.trainable_names
        ),
    ],
    data: Annotated[Path, typer.Option(help="Folder with download/, intermediate/, or the tasks' own folders.")],
    out: Annotated[Path, typer.Option(help="Where the checkpoint goes. The same command continues.")],
    recipe: RecipeName = "reference",
    recipe_file: Annotated[Path | None, typer.Option(help="TOML file that changes the recipe.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change one value: learning_rate=1e-5.", autocompletion=complete.recipe_fields),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the training. Default: the recipe's, mostly 42.")] = None,
    negatives: Negatives = None,
    select_on: Annotated[
        str, typer.Option(help="en-dev; or all-dev, every language in the data: not zero-shot.")
    ] = "en-dev",
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what it amounts to, with time and memory, and train nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For --plan: print JSON instead of tables.")] = False,
) -> Fields:
    """What every phase has."""
    return {
        "model": model,
        "tasks": task,
        "data": data,
        "out": out,
        "recipe": recipe,
        "overrides": recipe_file,
        "sets": set_ or (),
        "seed": seed,
        "negatives": negatives,
        "select_on": select_on,
        "plan": plan,
        "as_json": as_json,
    }


def subset(
    examples: Annotated[
        int | None,
        typer.Option(help="Train on so many of each task: nested, stratified, seeded.", rich_help_panel=DATA),
    ] = None,
    data_seed: DataSeed = None,
    where: Annotated[str | None, typer.Option(help="Only examples like round=R2.", rich_help_panel=DATA)] = None,
    select: Annotated[Path | None, typer.Option(help="File with the ids to train on.", rich_help_panel=DATA)] = None,
    translations: Annotated[
        list[str] | None,
        typer.Option(help="LANGUAGE=FILE of machine-translated training data. Repeat it.", rich_help_panel=DATA),
    ] = None,
    tasks_from: TasksFrom = None,
) -> Fields:
    """Which examples."""
    by = by_language("--translations", translations or ())
    drawn_by = {} if data_seed is None else {"data_seed": data_seed}
    chosen = {"examples": examples, "where": where, "select": select, "translations": by, "tasks_from": tasks_from}
    return {**drawn_by, **chosen}


def several(
    mixture: Annotated[
        str | None,
        typer.Option(help="proportional (default), capped, temperature, uniform or weights.", rich_help_panel=MIX),
    ] = None,
    cap: Annotated[
        int | None, typer.Option(help="For capped: examples a task counts at most; 131072.", rich_help_panel=MIX)
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="For temperature; 2.", rich_help_panel=MIX)] = None,
    weight: Annotated[
        list[str] | None, typer.Option(help="For weights: mnli=2. Repeat it.", rich_help_panel=MIX)
    ] = None,
    loss_weight: Annotated[
        list[str] | None, typer.Option(help="Factor on a task's loss: mnli=0.5. Repeat it.", rich_help_panel=MIX)
    ] = None,
    mlm_ratio: Annotated[
        float | None,
        typer.Option(help="Share of the steps for mlm, if it is one of several; 0.2.", rich_help_panel=MIX),
    ] = None,
    mlm_alpha: Annotated[
        float | None, typer.Option(help="Language sampling in mlm: 1 by size, 0 all alike; 0.3.", rich_help_panel=MIX)
    ] = None,
    mlm_langs: Annotated[str | None, typer.Option(help="Languages of mlm, e.g. de,sw.", rich_help_panel=MIX)] = None,
    mixed_steps: Annotated[
        bool, typer.Option("--mixed-steps", help="Draw examples, not whole steps, from the tasks.", rich_help_panel=MIX)
    ] = False,
    grouped: Annotated[
        bool, typer.Option("--grouped", help="Steps of similar length: faster, another order.", rich_help_panel=SPEED)
    ] = False,
) -> Fields:
    """How tasks are mixed."""
    return {
        "mixture": _mixture(mixture, cap, temperature, weight, mixed_steps, grouped),
        "task_weights": _numbers("--loss-weight", loss_weight),
        "mlm_ratio": mlm_ratio,
        "mlm_alpha": mlm_alpha,
        "mlm_langs": mlm_langs,
    }


def robust(
    adversarial_epsilon: Annotated[
        float | None,
        typer.Option(help="Perturb each word embedding within this radius, for the worst.", rich_help_panel=ROBUST),
    ] = None,
    adversarial_steps: Annotated[
        int | None, typer.Option(help="Steps of ascent; 1. With 0 the perturbation is random.", rich_help_panel=ROBUST)
    ] = None,
    adversarial_step_size: Annotated[
        float | None, typer.Option(help="Length of each step. Default: the radius.", rich_help_panel=ROBUST)
    ] = None,
    synonyms: Annotated[
        Path | None,
        typer.Option(help="File of words and synonyms, separated by tabs, to train with.", rich_help_panel=ROBUST),
    ] = None,
) -> Fields:
    """Robust training (Huang et al. 2021); the numbers are fields of the recipe."""
    numbers = {
        "adversarial_epsilon": adversarial_epsilon,
        "adversarial_steps": adversarial_steps,
        "adversarial_step_size": adversarial_step_size,
    }
    return {"synonyms": synonyms, "robust": [f"{name}={value}" for name, value in numbers.items() if value is not None]}


def care(
    device: TrainDevice = "auto",
    lora: Annotated[
        str | None,
        typer.Option(
            help="Learn by low-rank matrices: r=16, or r=16,alpha=32. Needs xharness[peft].", rich_help_panel=SPEED
        ),
    ] = None,
    precision: TrainPrecision = "auto",
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens in a micro-batch.", rich_help_panel=SPEED)] = None,
    dynamics: Annotated[
        bool,
        typer.Option(
            "--dynamics",
            help="Write OUT/dynamics.npz: what the model says of each training example in every pass, for data maps.",
            rich_help_panel=CHECKS,
        ),
    ] = False,
    gradient_checkpointing: Annotated[
        bool, typer.Option("--gradient-checkpointing", help="Less memory, a third more time.", rich_help_panel=SPEED)
    ] = False,
    compile_: Annotated[bool, typer.Option("--compile", help="Use torch.compile.", rich_help_panel=SPEED)] = False,
    fsdp: Annotated[
        bool,
        typer.Option(
            "--fsdp",
            help="Of several processes each holds a part of every weight: for models too large for one GPU.",
            rich_help_panel=SPEED,
        ),
    ] = False,
    save_every: SaveEvery = 500,
    keep: Annotated[int, typer.Option(help="Saved states that are kept.", rich_help_panel=CHECKS)] = 1,
    allow_pickle: AllowPickle = False,
    track: Track = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write OUT/tensorboard: --track tensorboard.", rich_help_panel=SCREEN)
    ] = False,
    quiet: Quiet = False,
) -> Fields:
    """Where it runs, what is saved, what is shown."""
    fields = dict(locals())
    return {"compile": fields.pop("compile_"), **fields, "track": split_names(track)}


def run(fields: Fields) -> None:
    """Train with the merged options, or only plan."""
    from xharness.train.options import FinetuneOptions

    plan, as_json, quiet, robust = (fields.pop(name) for name in ("plan", "as_json", "quiet", "robust"))
    tasks = [name for names in fields["tasks"] for name in task_list(names, fields["tasks_from"])]
    options = FinetuneOptions(**{**fields, "tasks": tasks, "sets": [*fields["sets"], *robust]})
    options.check()
    if as_json and not plan:
        raise UserError("--json without --plan", "training prints no JSON", "add --plan, or leave it out")
    if plan:
        _plan(options, as_json)
        return
    from xharness.train.finetune import finetune
    from xharness.train.launching import is_main

    shown = not quiet and is_main()
    began = time.time()
    with resumable(options.out), progress_shown() if shown else nullcontext() as reporter:
        folder = finetune(options, reporter)
    if shown:
        _conclude(folder, options, began)


def _conclude(folder: Path, options: FinetuneOptions, began: float) -> None:
    """What came out, where it is, and what to do with it."""
    from xharness.cli.phases import phases_table
    from xharness.cli.tables import print_whole
    from xharness.train.phase_facts import facts_of_phases

    print_whole(phases_table(facts_of_phases([folder], began)))
    also = ", tensorboard/" if "tensorboard" in options.trackers else ""
    also += ", dynamics.npz" if options.dynamics else ""
    also += ", adapter/" if options.lora else ""
    say(f"{folder}: checkpoint, xharness.json, training.jsonl{also}")
    words = ["xharness", "evaluate", "--model", folder, "--data", options.data, "--out", f"runs/{folder.name}"]
    say(f"next: {shlex.join(map(str, words))}")


def _plan(options: FinetuneOptions, as_json: bool) -> None:
    """Print what the phase amounts to; of several processes the main one does."""
    from xharness.cli.phases import show_plan
    from xharness.train.estimate import estimate
    from xharness.train.launching import join
    from xharness.train.prepare import prepare

    processes, device = join(options.device)
    if processes.main:
        prepared = prepare(replace(options, device=device))
        found = {**prepared.summary(), "estimate": estimate(prepared, processes)}
        if as_json:
            put_json(found)
        else:
            show_plan(found)


def _mixture(
    strategy: str | None,
    cap: int | None,
    temperature: float | None,
    weight: list[str] | None,
    mixed: bool,
    grouped: bool,
) -> MixtureOptions:
    """The mixture; refuses numbers that another strategy would take."""
    from xharness.train.mixture_options import MixtureOptions

    chosen = strategy or "proportional"
    for name, needs, given in (("cap", "capped", cap), ("temperature", "temperature", temperature)):
        if given is not None and chosen != needs:
            raise UserError(
                f"--{name} with the mixture {chosen}", "it would be ignored", f"pass --mixture {needs}, or leave it out"
            )
    plain = MixtureOptions()
    return MixtureOptions(
        strategy=chosen,
        cap=plain.cap if cap is None else cap,
        temperature=plain.temperature if temperature is None else temperature,
        weights=_numbers("--weight", weight),
        homogeneous=not mixed,
        grouped=grouped,
    )


def _numbers(option: str, values: list[str] | None) -> dict[str, float]:
    """``name=number`` pairs."""
    found: dict[str, float] = {}
    for value in values or ():
        name, _, number = value.partition("=")
        if name.strip() in found:
            raise UserError(f"{option} {name.strip()} twice", "a task has one number", "give it once")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UserError(
                f"cannot read {option} {value}", "it is not name=number", f"for example {option} mnli=2"
            ) from None
    return found


finetune = command(run, phase, subset, several, robust, care, name="finetune", text=HELP)
