"""A study as its file declares it: arms, targets, seeds, evaluation data, hypotheses and sizes. All of it plain values.

An *arm* is the chain of phases before a target; a *target* is the last phase and what is evaluated after it. Every arm
meets every target under every seed. Phases and evaluations that are the same in content are one step, whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xharness.tasks.recipe import RecipeValue

ZERO_SHOT, ALL_LANGUAGES = "zero-shot", "all"


@dataclass(frozen=True, kw_only=True)
class PhaseDesign:
    """One training.

    Attributes:
        tasks: What is trained on; several are a mixture.
        examples: Of each task; None leaves it to the size of the study.
        subset: Name of one of the study's subsets: only those examples.
        where: Only examples with this fact, such as ``round=R2``.
        set: Numbers of the recipe, by the names that ``--set`` has.
        recipe: Whose numbers the others are.
        mixture: ``proportional``, ``capped``, ``temperature``, ``uniform``; empty is the default.
        mlm_ratio: Share of the steps for masked words where ``mlm`` is one of the tasks; ``mlm_langs`` its languages.
        translations: Files of translated examples by language, relative to the folder of the training data.
        synonyms: A file of synonyms there; words are drawn anew from them at every step.
    """

    tasks: tuple[str, ...]
    examples: int | None = None
    subset: str = ""
    where: str = ""
    set: Mapping[str, RecipeValue] = field(default_factory=dict)
    recipe: str = "reference"
    mixture: str = ""
    cap: int | None = None
    temperature: float | None = None
    mlm_ratio: float | None = None
    mlm_langs: tuple[str, ...] = ()
    translations: Mapping[str, str] = field(default_factory=dict)
    synonyms: str = ""


@dataclass(frozen=True, kw_only=True)
class ArmDesign:
    """A chain of phases before the target.

    Attributes:
        title: For tables; empty is the arm's name.
        phases: In their order; none is the encoder as it is.
        after: An arm whose phases come before these.
        amount: Where the arm stands on the scale of a slope, such as its number of examples.
    """

    title: str = ""
    phases: tuple[PhaseDesign, ...] = ()
    after: str = ""
    amount: float | None = None


@dataclass(frozen=True, kw_only=True)
class TargetDesign:
    """The last phase and what is evaluated after it.

    Attributes:
        phase: None evaluates the arm's last checkpoint as it is, as retrieval does.
        evaluate: Names of the tasks that it answers.
        data: Name of one of the study's changed copies of the evaluation data; empty is the data as they are.
    """

    title: str = ""
    phase: PhaseDesign | None = None
    evaluate: tuple[str, ...]
    data: str = ""


@dataclass(frozen=True, kw_only=True)
class SubsetDesign:
    """Examples of a training set, chosen by a step of the study.

    Attributes:
        of: The task.
        by: ``easy``, ``ambiguous`` or ``hard`` by the map of a training, or ``twin`` of another subset.
        share: Of all examples, for the first three.
        map: The training whose dynamics are the map.
        twin_of: Name of the subset that a twin has number, labels and lengths of.
        seed: Of the draw.
    """

    of: str
    by: str
    share: float | None = None
    map: PhaseDesign | None = None
    twin_of: str = ""
    seed: int = 42


@dataclass(frozen=True, kw_only=True)
class PerturbedDesign:
    """A changed copy of evaluation data, as ``xharness data perturb`` writes it.

    Attributes:
        tasks: Whose data; ``languages`` only these.
        by: Name of the perturbation; ``seed``, ``size``, ``texts`` and ``punctuation`` as that command has them.
        trees: CoNLL-U files with the parsed sentences, relative to the data folder; ``order`` the treebanks of the
            language whose order is taken on.
    """

    tasks: tuple[str, ...]
    by: str
    languages: tuple[str, ...] = ()
    seed: int | None = None
    size: int | None = None
    texts: str = ""
    punctuation: str = ""
    trees: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HypothesisDesign:
    """What is claimed, declared before anything is trained.

    Attributes:
        test: ``difference`` of two arms, ``interaction`` of four (a, b, c, d is (a − b) − (c − d)), ``slope`` over the
            arms' amounts, ``difference-in-differences`` of two arms between targets and ``other_targets``, or
            ``best-single``: the first arm against the best of the others, chosen on the target ``chosen_on`` in every
            replicate anew, so that the interval carries the choice.
        languages: ``zero-shot`` (all but English), ``all``, or some, with commas between.
        direction: ``greater``, ``less``, ``different`` or ``equivalent``.
        smallest_effect: In points; an effect below it would not matter.
        family: Hypotheses that are corrected for their number together.
    """

    name: str
    test: str = "difference"
    arms: tuple[str, ...]
    targets: tuple[str, ...]
    other_targets: tuple[str, ...] = ()
    chosen_on: str = ""
    languages: str = ZERO_SHOT
    direction: str = "greater"
    smallest_effect: float = 0.0
    family: str = "main"


@dataclass(frozen=True, kw_only=True)
class TaskSize:
    """How much of one task a size trains on."""

    examples: int | None = None
    set: Mapping[str, RecipeValue] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SizeDesign:
    """How large a study is run.

    Attributes:
        seeds: Of training; arms share them.
        data_seeds: Which examples are drawn, by seed; empty draws the same under every seed.
        examples: Of each task of a phase that says nothing itself; None is all.
        scale: Factor on the numbers of examples that phases say themselves, so that a small world has enough.
        arms: Only these; empty is all. ``targets`` likewise.
        limit: First N examples of each evaluated cell.
        languages: Only these are evaluated.
        set: Numbers of every recipe.
        tasks: By task, what differs from the above.
        note: What a reader should know: hours, hardware, what the numbers stand for.
    """

    seeds: tuple[int, ...]
    data_seeds: tuple[int, ...] = ()
    examples: int | None = None
    scale: float = 1.0
    arms: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    limit: int | None = None
    languages: tuple[str, ...] = ()
    set: Mapping[str, RecipeValue] = field(default_factory=dict)
    tasks: Mapping[str, TaskSize] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class StudyDesign:
    """A whole study.

    Attributes:
        question: As a reader would ask it.
        support: What would count as support.
        sources: Papers that it follows.
        baseline: The arm that tables compare the others with; the first one if empty.
    """

    title: str
    question: str
    support: str = ""
    sources: tuple[str, ...] = ()
    baseline: str = ""
    arms: Mapping[str, ArmDesign]
    targets: Mapping[str, TargetDesign]
    subsets: Mapping[str, SubsetDesign] = field(default_factory=dict)
    perturbed: Mapping[str, PerturbedDesign] = field(default_factory=dict)
    hypotheses: tuple[HypothesisDesign, ...] = ()
    sizes: Mapping[str, SizeDesign]


def targets_of(design: HypothesisDesign) -> tuple[str, ...]:
    """All targets that a hypothesis is about."""
    return (*design.targets, *design.other_targets, *filter(None, [design.chosen_on]))
