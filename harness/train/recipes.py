"""Recipes of fine-tuning: the numbers of one phase, where they come from, and the schedule that follows from them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from xharness.tasks.base import Recipe, Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.registry import Registry

SCHEDULES = ("linear", "constant")
SELECTS = ("dev", "last")
RECIPES = REFERENCE, JIANT = "reference", "jiant"
LARGE = 24  # blocks from which on the reference calls a model large
# Two fields that say the same thing: whoever sets the second means it, whatever a layer below said with the first.
RIVALS = {"steps": ("epochs", None), "warmup_steps": ("warmup_ratio", 0)}


# Lowest and highest value of each number.
BOUNDS: dict[str, tuple[float, float]] = {
    "learning_rate": (0, math.inf),
    "epochs": (1e-6, math.inf),
    "steps": (1, math.inf),
    "batch_size": (1, math.inf),
    "reference_micro_batch": (1, math.inf),
    "max_length": (8, math.inf),
    "warmup_steps": (0, math.inf),
    "warmup_ratio": (0, 1),
    "weight_decay": (0, math.inf),
    "adam_beta1": (0, 1 - 1e-12),
    "adam_beta2": (0, 1 - 1e-12),
    "adam_epsilon": (0, math.inf),
    "max_grad_norm": (1e-9, math.inf),
    "seed": (0, 2**32 - 1),
    "eval_every": (0, math.inf),
    "patience": (0, math.inf),
    "dev_examples": (1, math.inf),
    "doc_stride": (1, math.inf),
    "max_question_length": (1, math.inf),
    "dropout": (0, 1),
    "attention_dropout": (0, 1),
    "mlm_probability": (1e-3, 1),
    "adversarial_epsilon": (0, math.inf),
    "adversarial_steps": (0, 100),
    "adversarial_step_size": (1e-12, math.inf),
}

# What each task of a mixture keeps of its own recipe: how its inputs are made and how much of its dev set is used.
# Everything else belongs to the phase: there is one optimizer, one schedule and one seed.
OF_TASK = ("max_length", "doc_stride", "max_question_length", "mlm_probability", "dev_examples")


@dataclass(frozen=True, kw_only=True)
class TrainRecipe:
    """All numbers of one phase of fine-tuning, in the units of the papers.

    Attributes:
        steps: Optimizer steps; None means ``epochs``.
        batch_size: Examples (for questions about long texts: windows) an optimizer step.
        reference_micro_batch: How many of them the reference takes at a time. An incomplete last one counts as a whole
            one in the number of steps an epoch, and in nothing else; 1 counts full batches only.
        max_length: Longest input in word pieces.
        warmup_steps: Optimizer steps; 0 means ``warmup_ratio`` of all steps.
        eval_every: Optimizer steps between evaluations on dev; 0 means once an epoch.
        select: Keep the best by dev, or the ``last`` step.
        patience: Evaluations without improvement before stopping; 0 means never.
        dev_examples: Size of the fixed dev subset; None means all of dev.
        doc_stride: Word pieces from one window of a long text to the next.
        dropout: Of hidden states and embeddings; None means as the checkpoint has it. ``attention_dropout`` likewise.
        mlm_probability: Share of word pieces to predict, for masked language modelling.
        adversarial_epsilon: Radius of the perturbation of each word embedding; 0 trains on the words as they are. See
            :mod:`xharness.train.adversarial`, ``adversarial_steps`` and ``adversarial_step_size`` likewise.
        adversarial_step_size: None means epsilon.

    Raises:
        UserError: a value that no training can have.
    """

    name: str
    learning_rate: float
    epochs: float
    batch_size: int
    max_length: int
    reference_micro_batch: int = 1
    steps: int | None = None
    warmup_steps: int = 0
    warmup_ratio: float = 0.0
    weight_decay: float = 0.0
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8
    max_grad_norm: float = 1.0
    schedule: str = "linear"
    seed: int = 42
    eval_every: int = 0
    select: str = "dev"
    patience: int = 0
    dev_examples: int | None = None
    doc_stride: int = 128
    max_question_length: int = 64
    dropout: float | None = None
    attention_dropout: float | None = None
    mlm_probability: float = 0.15
    adversarial_epsilon: float = 0.0
    adversarial_steps: int = 1
    adversarial_step_size: float | None = None

    def __post_init__(self) -> None:
        for name, (lowest, highest) in BOUNDS.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and lowest <= value <= highest):
                wanted = f"at least {lowest:g}" + (f" and at most {highest:g}" if highest < math.inf else "")
                raise UserError(f"{name} is {value}", "no training can have that", f"give a number {wanted}")
        for name, known in (("schedule", SCHEDULES), ("select", SELECTS)):
            if getattr(self, name) not in known:
                why = f"{name} knows {' and '.join(known)}"
                raise UserError(f"unknown {name} '{getattr(self, name)}'", why, suggestion(getattr(self, name), known))
        if not self.adversarial_epsilon and (self.adversarial_steps != 1 or self.adversarial_step_size is not None):
            raise UserError(
                "adversarial training without a radius",
                "adversarial_epsilon is 0, so that nothing is perturbed and steps or step size would be ignored",
                "set adversarial_epsilon too, for example to 0.1",
            )
        if not self.adversarial_steps and self.adversarial_step_size is not None:
            why = "with 0 steps the perturbation is random, and nothing moves"
            raise UserError(
                "a step size without steps", why, "leave adversarial_step_size out, or set adversarial_steps"
            )

    def steps_per_epoch(self, units: int) -> int:
        """Optimizer steps of one pass over ``units`` examples; there is always one.

        The reference divides its micro-batches, of which the last may be incomplete, by those of a step, and rounds
        down: 392,702 pairs make 12,272 steps of 4 x 8, but 12,271 of 16 x 2. jiant rounds up: 1 x 32.
        """
        micro = min(self.reference_micro_batch, self.batch_size)
        return max(1, math.ceil(units / micro) * micro // self.batch_size)

    def total_steps(self, units: int) -> int:
        """Optimizer steps of the whole phase: ``steps``, else whole steps an epoch times ``epochs``, at least one."""
        if self.steps is not None:
            return self.steps
        return max(1, math.floor(self.steps_per_epoch(units) * self.epochs + 1e-9))  # 100 * 0.29 is below 29

    def warmup(self, total: int) -> int:
        """Steps of warm-up; a share of all steps is rounded up, as transformers does."""
        return self.warmup_steps or math.ceil(total * self.warmup_ratio)

    def learning_rate_at(self, step: int, total: int) -> float:
        """The learning rate of optimizer step ``step``, counted from 0.

        As in ``transformers.get_linear_schedule_with_warmup``: with warm-up of w steps the rate of step s is s / w of
        the full one, so the first update has rate 0 and the full rate comes with step w; then it falls linearly and
        would reach 0 at step ``total``, which is never taken. ``constant`` stays at the full rate after warm-up.
        """
        warmup = self.warmup(total)
        if step < warmup:
            return self.learning_rate * (step / warmup)
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * max(0.0, (total - step) / max(1, total - warmup))

    def warnings(self, total: int) -> list[str]:
        """What is odd about this recipe for a training of ``total`` steps, one line each."""
        warmup = self.warmup(total)
        if warmup < total:
            return []
        highest = self.learning_rate_at(total - 1, total)
        return [
            f"warm-up takes {warmup} steps and training {total}: the learning rate only rises, to {highest:.3g} of "
            f"{self.learning_rate:.3g} (set warmup_steps or warmup_ratio to change it)"
        ]


FIELDS = tuple(field.name for field in fields(TrainRecipe))
TYPES: dict[str, tuple[type, ...]] = {
    name: get_args(hint) or (hint,) for name, hint in get_type_hints(TrainRecipe).items()
}


def describe(recipe: TrainRecipe) -> dict[str, Any]:
    """Every field, for storing as JSON; ``TrainRecipe(**describe(recipe))`` is the recipe again."""
    return asdict(recipe)


def resolve(
    task: Task,
    *,
    blocks: int,
    recipe: str = "reference",
    overrides: Path | None = None,
    sets: Sequence[str] = (),
    registry: Registry | None = None,
) -> TrainRecipe:
    """The recipe of one phase. Later layers win over earlier ones:

    1. ``recipe``: ``reference`` is the task's ``recipe`` (a target's numbers are XTREME's, an intermediate task's are
       those of jiant, as far as jiant published any); ``jiant`` is its ``jiant`` where it declares that;
    2. the top level of the TOML file ``overrides``;
    3. the table of that file that has the task's name;
    4. ``sets``, each ``key=value``, the last one of a key.

    A layer that sets ``epochs`` undoes ``steps`` of the layers below, and ``warmup_ratio`` undoes ``warmup_steps``.
    The name of the result says which fields were changed.

    Args:
        task: What the model is for: XQuAD and SQuAD 1.1 train on the same data by different recipes.
        blocks: Of the model; the reference's learning rate depends on its size.
        registry: The tasks that tables of ``overrides`` may be named after; by default those of this installation.

    Raises:
        UserError: unknown recipe, field or table; a value of the wrong type or out of range; an unreadable file; a
            task that no model is trained on.
    """
    if recipe not in RECIPES:
        raise UserError(f"unknown recipe '{recipe}'", "there are two by name", suggestion(recipe, RECIPES))
    said = (task.jiant if recipe == JIANT else None) or task.recipe
    if said is None:
        why = f"it declares none: nothing says how a model is trained for {task.type.title} here"
        fix = "train on an intermediate task or a target, or give a Task of your own a recipe=Recipe(...)"
        raise UserError(f"there is no recipe for '{task.name}'", why, fix)
    base = of_size(said, blocks, recipe)
    layers = _file_layers(overrides, task, registry) if overrides else []
    changes: dict[str, Any] = {}
    for layer in (*layers, _sets_layer(sets)):
        changes |= _undone(layer) | layer
    changed = [name for name in FIELDS if name in changes and changes[name] != getattr(base, name)]
    name = f"{base.name}, changed: {', '.join(changed)}" if changed else base.name
    return replace(base, **{"name": name, **changes})


def of_size(said: Recipe, blocks: int, name: str) -> TrainRecipe:
    """The numbers of a task's recipe for a model of so many blocks."""
    large = blocks >= LARGE
    return TrainRecipe(
        name=name,
        learning_rate=(large and said.learning_rate_large) or said.learning_rate,
        epochs=said.epochs,
        batch_size=said.batch_size,
        reference_micro_batch=(large and said.micro_batch_large) or said.micro_batch,
        max_length=said.max_length,
        warmup_steps=said.warmup_steps,
        warmup_ratio=said.warmup_share,
        weight_decay=said.weight_decay,
        seed=said.seed,
        doc_stride=said.doc_stride or TrainRecipe.doc_stride,
        max_question_length=said.max_query_length or TrainRecipe.max_question_length,
        select=said.selection.on,
        eval_every=said.selection.every,
        patience=said.selection.patience,
        dev_examples=said.selection.examples,
    )


def as_one_phase(recipes: Mapping[str, TrainRecipe]) -> dict[str, TrainRecipe]:
    """The recipes of a mixture: the first task's for all, but for :data:`OF_TASK`, which every task keeps."""
    first = next(iter(recipes.values()))
    return {name: replace(first, **{field: getattr(own, field) for field in OF_TASK}) for name, own in recipes.items()}


def yielded(recipes: Mapping[str, TrainRecipe]) -> list[str]:
    """What the other tasks of a mixture would have had alone, one line a task."""
    first, *_ = recipes
    lines = []
    for name, own in recipes.items():
        differing = [f for f in FIELDS if f not in (*OF_TASK, "name") and getattr(own, f) != getattr(recipes[first], f)]
        if differing:
            values = ", ".join(f"{f} {getattr(own, f)}" for f in differing)
            lines.append(f"{name} follows the schedule, seed and selection of {first}; alone it would have {values}")
    return lines


def check_tables(overrides: Path | None, tasks: Sequence[Task], registry: Registry | None = None) -> None:
    """Refuse a recipe file that gives a later task of a mixture what only the first one decides.

    Raises:
        UserError: naming the table and its fields.
    """
    for task in tasks[1:] if overrides else ():
        assert overrides is not None
        _, table = _file_layers(overrides, task, registry)
        if fields_ := [name for name in table if name not in OF_TASK]:
            raise UserError(
                f"[{task.name}] in {overrides} sets {', '.join(fields_)}",
                f"a mixture has one schedule, seed and selection: those of its first task, {tasks[0].name}",
                f"set it at the top of the file or in [{tasks[0].name}], or name {task.name} first",
            )


def _file_layers(path: Path, task: Task, registry: Registry | None = None) -> list[dict[str, Any]]:
    """The top level of a TOML file, then the task's table in it. Tables of other tasks are checked as well."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"cannot read {path}", error.strerror or str(error), "check the path") from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise UserError(f"cannot read {path}", f"it is no TOML: {error}", "fix the file") from error
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    known = {task.name, *(registry or Registry()).known}
    for table in tables:
        if table not in known:
            raise UserError(
                f"unknown task '{table}' in {path}", "a table bears a task's name", suggestion(table, known)
            )
    top = {key: value for key, value in content.items() if key not in tables}
    checked = {key: _typed_layer(layer, f" in {path}") for key, layer in {"": top, **tables}.items()}
    return [checked[""], checked.get(task.name, {})]


def _typed_layer(layer: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Values as TOML has them, checked by field: whole numbers pass for any number, ``"none"`` for no value."""
    typed: dict[str, Any] = {}
    for name, value in layer.items():
        types = _types_of(name, where)
        if isinstance(value, str) and type(None) in types and value.lower() == "none":
            typed[name] = None
        elif isinstance(value, int) and not isinstance(value, bool) and float in types:
            typed[name] = float(value)
        elif type(value) in types:
            typed[name] = value
        else:
            raise _wrong_type(name, value, where)
    return typed


def _sets_layer(sets: Sequence[str]) -> dict[str, Any]:
    """``key=value`` texts, each parsed by the type of its field."""
    layer: dict[str, Any] = {}
    for text in sets:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            fix = "write it as key=value, for example learning_rate=1e-5"
            raise UserError(f"cannot set '{text}'", "it is not key=value", fix)
        layer[name] = _parsed(name, value)
    return layer


def _parsed(name: str, text: str) -> Any:
    """One value from its text."""
    types = _types_of(name, "")
    if type(None) in types and text.lower() == "none":
        return None
    try:
        return types[0](text)
    except ValueError:
        raise _wrong_type(name, text, "") from None


def _types_of(name: str, where: str) -> tuple[type, ...]:
    """The types a field takes. Raises UserError for a name that is no field."""
    if name not in TYPES:
        raise UserError(f"unknown field '{name}'{where}", "a recipe has no such field", suggestion(name, TYPES))
    return TYPES[name]


def _wrong_type(name: str, value: Any, where: str) -> UserError:
    """A value that the field cannot take."""
    spoken = {int: "a whole number", float: "a number", str: "a text", type(None): "none"}
    wanted = " or ".join(spoken[kind] for kind in TYPES[name])
    return UserError(f"{name} cannot be '{value}'{where}", f"it takes {wanted}", f"give {wanted}")


def _undone(layer: Mapping[str, Any]) -> dict[str, Any]:
    """What a layer takes back from those below by setting the rival field.

    Raises:
        UserError: it sets both of a pair, so that one would be ignored.
    """
    undone: dict[str, Any] = {}
    for name, (rival, off) in RIVALS.items():
        if rival not in layer:
            continue
        if layer.get(name, off) != off:
            why = f"both say the same thing, and {name} would win"
            raise UserError(f"{name} and {rival} are both set", why, f"leave out {name} or {rival}")
        undone[name] = off
    return undone
