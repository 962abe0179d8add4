"""One phase: a checkpoint, tasks and a recipe in; a standard checkpoint with its provenance out.

out/                 a Hugging Face checkpoint with xharness.json; for several tasks, one such folder a task
out/training.jsonl   losses and dev scores by step
out/.training/       identity, saved states and log while training goes on
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.checkpoint import Checkpoint, Head, check_architecture, check_head, find
from harness.device import resolve
from harness.evaluate import Reporter
from harness.loading import Loaded, encoder_class, load_tokenizer, without_model
from harness.runs import differences
from harness.train.data import TrainingData, development, objective, read, read_text
from harness.train.mixture import Mixture, MixtureOptions, language_probabilities, probabilities
from harness.train.mixture import describe as describe_mixture
from harness.train.objectives import Objective
from harness.train.options import FinetuneOptions
from harness.train.provenance import write_provenance
from harness.train.recipes import TrainRecipe, describe
from harness.train.recipes import resolve as resolve_recipe
from tasks.base import Kind, Task
from tasks.errors import UserError
from tasks.files import render_json, write_atomic
from tasks.intermediate import mlm, trainable
from tasks.registry import BUILT_IN

if TYPE_CHECKING:
    from harness.train.engine import Engine
    from harness.train.model import Built
    from harness.train.state import Position

WORKING = ".training"
MARK = "xharness.json"


@dataclass(frozen=True)
class Phase:
    """A checked phase, before anything is trained.

    Attributes:
        recipe: Of the whole phase: the first task's.
        recipes: By task; lengths of inputs are each task's own.
        total: Optimizer steps.
    """

    options: FinetuneOptions
    parent: Checkpoint
    recipe: TrainRecipe
    recipes: Mapping[str, TrainRecipe]
    data: Mapping[str, TrainingData]
    objectives: Mapping[str, Objective]
    loaded: Loaded
    total: int

    @property
    def identity(self) -> dict[str, Any]:
        """What makes this phase the phase that it is; a resumed one must have the same."""
        options = self.options
        return {
            "parent": self.parent.fingerprint,
            "precision": self.loaded.device.precision,
            "recipe": {name: describe(recipe) for name, recipe in self.recipes.items()},
            "data": {name: data.sha for name, data in self.data.items()},
            "subset": {
                "examples": options.examples,
                "where": options.where,
                "translations": sorted(options.translations),
                "select": sorted(options.select.read_text(encoding="utf-8").split()) if options.select else None,
            },
            "mixture": describe_mixture(self.sizes, self.mixture) if len(self.data) > 1 else None,
            "grouped": options.mixture.grouped,
            "task_weights": dict(options.task_weights),
        }

    @property
    def members(self) -> dict[str, str]:
        """Checkpoints that come out, by name, and the member whose head each holds; languages of text share one."""
        return {mlm.TASK.name if d.task.kind is Kind.MASKED else name: name for name, d in self.data.items()}

    @property
    def batch_tokens(self) -> int:
        """Padded tokens in a micro-batch."""
        return self.options.batch_tokens or self.loaded.device.batch_tokens

    @property
    def sizes(self) -> dict[str, int]:
        """Units by task."""
        return {name: len(made.units) for name, made in self.objectives.items()}

    @property
    def mixture(self) -> MixtureOptions:
        """As the user wants it; text takes its share of the steps, its languages by their exponent."""
        options = self.options
        text = {name: size for name, size in self.sizes.items() if self.data[name].task.kind is Kind.MASKED}
        rest = {name: size for name, size in self.sizes.items() if name not in text}
        if not text:
            return options.mixture
        share = options.mlm_ratio if rest else 1.0
        weights = {name: share * p for name, p in language_probabilities(text, options.mlm_alpha).items()}
        if rest:
            weights |= {name: (1 - share) * p for name, p in probabilities(rest, options.mixture).items()}
        return replace(options.mixture, strategy="weights", weights=weights)

    def warnings(self) -> list[str]:
        """What a user should know before it starts."""
        notes = [f"{name}: {note}" for name, data in self.data.items() for note in data.notes]
        if self.recipe.select == "dev":
            notes += [f"{n}: no dev set, it takes no part in the choice" for n, d in self.data.items() if d.dev is None]
        return [*self.recipe.warnings(self.total), *notes]

    def summary(self) -> dict[str, Any]:
        """What the phase amounts to: the answer to ``--plan``."""
        lengths = [unit.length for made in self.objectives.values() for unit in made.units]
        tokens = round(self.total * self.recipe.batch_size * sum(lengths) / len(lengths))
        parameters = sum(file.stat().st_size for file in self.parent.weights) // 4
        encoder = 12 * self.parent.blocks * int(self.parent.config.get("hidden_size", 0)) ** 2
        return {
            "steps": self.total,
            "examples": {name: len(data.train) for name, data in self.data.items()},
            "units": self.sizes,
            "tokens": tokens,
            "longest": max(lengths),
            "teraflops": round(6 * encoder * tokens / 1e12, 1),
            "gigabytes_of_weights_and_moments": round(16 * parameters / 1e9, 2),
            "recipe": describe(self.recipe),
            "warnings": self.warnings(),
        }


def prepare(options: FinetuneOptions) -> Phase:
    """Check a phase and encode its data. Loads no weights.

    Raises:
        UserError: the first thing that is wrong.
    """
    options.check()
    wanted = {trainable(name).name: recipe_task(name) for name in options.tasks}
    found = find(options.model, allow_pickle=options.allow_pickle)
    if "" not in found:
        raise UserError(
            f"{options.model} is a suite",
            "training starts from one checkpoint",
            f"give one: {', '.join(sorted(found))}",
        )
    parent = found[""]
    recipes = {
        name: resolve_recipe(
            task, blocks=parent.blocks, recipe=options.recipe, overrides=options.overrides, sets=options.sets
        )
        for name, task in wanted.items()
    }
    recipe = next(iter(recipes.values()))
    data: dict[str, TrainingData] = {}
    for name in wanted:
        members = read_text(options) if name == mlm.TASK.name else {name: read(name, options, recipes[name])}
        recipes |= dict.fromkeys(members, recipes[name])
        data |= members
    recipes = {name: recipes[name] for name in data}
    if recipe.select == "dev" and all(entry.dev is None for entry in data.values()):
        recipes = {name: replace(each, select="last") for name, each in recipes.items()}
        recipe = next(iter(recipes.values()))
    check_architecture(parent)
    device = resolve(options.device, options.precision)
    loaded = without_model(parent, load_tokenizer(parent), encoder_class(parent), device)
    objectives = {name: objective(name, entry, loaded, recipes[name]) for name, entry in data.items()}
    for made in objectives.values():
        if made.head is not Head.MASKED:  # building it says what is missing
            check_head(parent, made.head)
    total = recipe.total_steps(sum(len(made.units) for made in objectives.values()))
    return Phase(options, parent, recipe, recipes, data, objectives, loaded, total)


def recipe_task(name: str) -> Task:
    """The task whose recipe a phase follows: XQuAD and MLQA train on SQuAD, with XTREME's recipe for them."""
    return next((task for task in BUILT_IN if task.name == name), None) or trainable(name)


def finetune(options: FinetuneOptions, reporter: Reporter | None = None, *, phase: Phase | None = None) -> Path:
    """Train one phase, or continue an interrupted one; returns the folder of the checkpoint.

    Args:
        phase: From :func:`prepare`, where that was called already.

    Raises:
        UserError: anything that the user can mend; what was trained is kept.
    """
    reporter = reporter or Reporter()
    phase = phase or prepare(options)
    working = options.out / WORKING
    if _finished(options.out, phase.identity):
        return options.out
    _claim(options.out, phase.identity)
    for warning in phase.warnings():
        reporter.note(f"note: {warning}")
    final = working / "final"
    if not (final / MARK).is_file():
        _train(phase, final, reporter)
    _publish(final, options.out)
    shutil.rmtree(working)
    return options.out


def _train(phase: Phase, final: Path, reporter: Reporter) -> None:
    """Run the engine and write the checkpoints beside the saved states."""
    from harness.train.develop import mean_dev_score
    from harness.train.engine import Hooks
    from harness.train.model import build

    built = build(phase.parent, phase.objectives, phase.recipe, phase.loaded.pad_id)
    reporter.note(f"encoder: every weight of {phase.parent.path} loaded; pooler: {built.pooler}; heads: fresh")
    devs = {
        name: dev
        for name, data in phase.data.items()
        if (dev := development(data, phase.objectives[name], phase.recipes[name])) is not None
    }
    heads: Mapping[str, Any] = built.model.heads  # type: ignore[assignment]  # a ModuleDict has no type of its values

    def develop() -> float:
        return mean_dev_score(devs, heads, phase.loaded, phase.batch_tokens)

    engine = _engine(phase, built, final.parent)
    position = engine.run(Hooks(develop if devs else None, reporter.progress, reporter.note))
    shutil.rmtree(final, ignore_errors=True)
    _write(phase, built, position, final)


def _engine(phase: Phase, built: Built, working: Path) -> Engine:
    """The engine of a phase."""
    from harness.train.engine import Engine, Settings

    options = phase.options
    mixture = Mixture(
        phase.sizes,
        phase.mixture,
        batch_size=phase.recipe.batch_size,
        steps=phase.total,
        seed=phase.recipe.seed,
        lengths={name: [unit.length for unit in made.units] for name, made in phase.objectives.items()},
    )
    settings = Settings(
        batch_tokens=phase.batch_tokens,
        save_every=options.save_every,
        keep=options.keep,
        task_weights=options.task_weights,
        gradient_checkpointing=options.gradient_checkpointing,
        compile=options.compile,
    )
    return Engine(built.model, phase.loaded, mixture, phase.recipe, phase.total, settings, working)


def _write(phase: Phase, built: Built, position: Position, final: Path) -> None:
    """The checkpoints with their provenance."""
    from harness.train.model import save_checkpoint

    kept = phase.members
    chosen = position.best is not None
    for name, member in kept.items():
        folder = final if len(kept) == 1 else final / name
        save_checkpoint(built.model, member, phase.loaded.tokenizer, folder)
        write_provenance(
            folder,
            parent=phase.parent,
            tasks=list(kept),
            recipe=describe(phase.recipe),
            mixture=phase.identity["mixture"],
            data={
                n: {"files": d.files, "sha256": d.sha, "examples": len(d.train), "units": phase.sizes[n]}
                for n, d in phase.data.items()
            },
            select={
                "on": "English dev" if chosen else "the last step",
                "metric": " and ".join(phase.data[member].task.metric.main),
                "best": position.best,
                "step": position.best_step if chosen else position.step,
            },
            pooler=built.pooler,
            identity=phase.identity,
            zero_shot=not phase.options.translations,
        )
    if len(kept) > 1:
        write_atomic(final / MARK, render_json({"identity": phase.identity, "tasks": list(kept)}))


def _finished(out: Path, identity: Mapping[str, Any]) -> bool:
    """True if the folder holds the result of this very phase."""
    if not (out / MARK).is_file() or (out / WORKING).exists():
        return False
    found = json.loads((out / MARK).read_text(encoding="utf-8")).get("identity", {})
    if differing := differences(found, identity):
        raise _other(out, differing)
    return True


def _claim(out: Path, identity: Mapping[str, Any]) -> None:
    """Make the folder this phase's own; refuse one that is another's."""
    mark = out / WORKING / "identity.json"
    if mark.is_file():
        if differing := differences(json.loads(mark.read_text(encoding="utf-8")), identity):
            raise _other(out, differing)
    elif out.exists() and any(child.name != WORKING for child in out.iterdir()):
        raise UserError(f"{out} is not empty", "training never writes among other files", "choose another --out")
    write_atomic(mark, render_json(identity))


def _other(out: Path, differing: list[str]) -> UserError:
    return UserError(
        f"{out} holds another training",
        "; ".join(differing),
        "choose another --out, or delete the folder to start again",
    )


def _publish(final: Path, out: Path) -> None:
    """Move the finished files into place, the mark last."""
    log = final.parent / "log.jsonl"
    if log.is_file():
        log.replace(out / "training.jsonl")
    for path in sorted(final.iterdir(), key=lambda path: path.name == MARK):
        target = out / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)
