"""``xharness finetune``: one phase of training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import CHECKS, DATA, SPEED, Quiet, by_language

if TYPE_CHECKING:
    from harness.train.mixture import MixtureOptions

MIX = "Several tasks"


def finetune(
    model: Annotated[Path, typer.Option(help="Checkpoint to start from: pretrained, or of an earlier phase.")],
    task: Annotated[list[str], typer.Option(help="Task to train on; repeat it, or use commas, for a mixture.")],
    data: Annotated[Path, typer.Option(help="Folder with download/, intermediate/, or the tasks' own folders.")],
    out: Annotated[Path, typer.Option(help="Where the checkpoint goes. The same command continues.")],
    recipe: Annotated[str, typer.Option(help="reference or jiant.")] = "reference",
    recipe_file: Annotated[Path | None, typer.Option(help="TOML file that changes the recipe.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Change one value: learning_rate=1e-5.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what it amounts to, and train nothing.")] = False,
    examples: Annotated[
        int | None,
        typer.Option(help="Train on so many of each task: nested, stratified, seeded.", rich_help_panel=DATA),
    ] = None,
    where: Annotated[str | None, typer.Option(help="Only examples like round=R2.", rich_help_panel=DATA)] = None,
    select: Annotated[Path | None, typer.Option(help="File with the ids to train on.", rich_help_panel=DATA)] = None,
    translations: Annotated[
        list[str] | None,
        typer.Option(help="LANGUAGE=FILE of machine-translated training data. Repeat it.", rich_help_panel=DATA),
    ] = None,
    mixture: Annotated[
        str, typer.Option(help="proportional, capped, temperature, uniform or weights.", rich_help_panel=MIX)
    ] = "proportional",
    cap: Annotated[int, typer.Option(help="For capped: examples a task counts at most.", rich_help_panel=MIX)] = 131072,
    temperature: Annotated[float, typer.Option(help="For temperature.", rich_help_panel=MIX)] = 2.0,
    weight: Annotated[
        list[str] | None, typer.Option(help="For weights: mnli=2. Repeat it.", rich_help_panel=MIX)
    ] = None,
    loss_weight: Annotated[
        list[str] | None, typer.Option(help="Factor on a task's loss: mnli=0.5. Repeat it.", rich_help_panel=MIX)
    ] = None,
    mlm_ratio: Annotated[
        float, typer.Option(help="Share of the steps for mlm, if it is one of several.", rich_help_panel=MIX)
    ] = 0.2,
    mlm_alpha: Annotated[
        float, typer.Option(help="Language sampling in mlm: 1 by size, 0 all alike.", rich_help_panel=MIX)
    ] = 0.3,
    mlm_langs: Annotated[str | None, typer.Option(help="Languages of mlm, e.g. de,sw.", rich_help_panel=MIX)] = None,
    mixed_steps: Annotated[
        bool, typer.Option("--mixed-steps", help="Draw examples, not whole steps, from the tasks.", rich_help_panel=MIX)
    ] = False,
    grouped: Annotated[
        bool, typer.Option("--grouped", help="Steps of similar length: faster, another order.", rich_help_panel=SPEED)
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, mps.", rich_help_panel=SPEED)] = "auto",
    precision: Annotated[str, typer.Option(help="fp32, bf16 or auto.", rich_help_panel=SPEED)] = "auto",
    batch_tokens: Annotated[int | None, typer.Option(help="Tokens in a micro-batch.", rich_help_panel=SPEED)] = None,
    gradient_checkpointing: Annotated[
        bool, typer.Option("--gradient-checkpointing", help="Less memory, a third more time.", rich_help_panel=SPEED)
    ] = False,
    compile_: Annotated[bool, typer.Option("--compile", help="Use torch.compile.", rich_help_panel=SPEED)] = False,
    save_every: Annotated[int, typer.Option(help="Steps between saved states.", rich_help_panel=CHECKS)] = 500,
    keep: Annotated[int, typer.Option(help="Saved states that are kept.", rich_help_panel=CHECKS)] = 1,
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="Load pickle weights, which can run code.", rich_help_panel=CHECKS)
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Fine-tune a checkpoint on one task, or on several under one encoder.

    Example: xharness finetune --model ckpt/squad --task xnli --data data/ --out ckpt/squad-xnli
    """
    from harness.train.options import FinetuneOptions

    options = FinetuneOptions(
        model=model,
        tasks=[name.strip() for names in task for name in names.split(",") if name.strip()],
        data=data,
        out=out,
        recipe=recipe,
        overrides=recipe_file,
        sets=set_ or (),
        mixture=_mixture(mixture, cap, temperature, weight, mixed_steps, grouped),
        examples=examples,
        where=where,
        select=select,
        translations=by_language("--translations", translations or ()),
        task_weights=_numbers("--loss-weight", loss_weight),
        mlm_ratio=mlm_ratio,
        mlm_alpha=mlm_alpha,
        mlm_langs=mlm_langs,
        device=device,
        precision=precision,
        batch_tokens=batch_tokens,
        save_every=save_every,
        keep=keep,
        gradient_checkpointing=gradient_checkpointing,
        compile=compile_,
        allow_pickle=allow_pickle,
    )
    options.check()
    from harness.cli.evaluate import bars
    from harness.train.finetune import finetune as train
    from harness.train.finetune import prepare
    from tasks.files import render_json

    if plan:
        typer.echo(render_json(prepare(options).summary()), nl=False)
        return
    if quiet:
        train(options)
        return
    with bars() as reporter:
        folder = train(options, reporter)
    typer.echo(f"{folder}: checkpoint, xharness.json, training.jsonl")


def _mixture(
    strategy: str, cap: int, temperature: float, weight: list[str] | None, mixed: bool, grouped: bool
) -> MixtureOptions:
    from harness.train.mixture import MixtureOptions

    return MixtureOptions(
        strategy=strategy,
        cap=cap,
        temperature=temperature,
        weights=_numbers("--weight", weight),
        homogeneous=not mixed,
        grouped=grouped,
    )


def _numbers(option: str, values: list[str] | None) -> dict[str, float]:
    """``name=number`` pairs."""
    from tasks.errors import UserError

    found = {}
    for value in values or ():
        name, _, number = value.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UserError(
                f"cannot read {option} {value}", "it is no name=number", f"for example {option} mnli=2"
            ) from None
    return found
