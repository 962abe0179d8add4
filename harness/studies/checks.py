"""What a study declares must fit together: names that are there, no circle of arms, hypotheses that can be tested."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from xharness.studies.design import (
    ALL_LANGUAGES,
    ZERO_SHOT,
    ArmDesign,
    HypothesisDesign,
    PhaseDesign,
    SizeDesign,
    StudyDesign,
    SubsetDesign,
    TargetDesign,
)
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.languages import KNOWN
from xharness.train.options import MLM

MAPS = ("easy", "ambiguous", "hard")
TWIN = "twin"
SETS = (ZERO_SHOT, ALL_LANGUAGES)
DIRECTIONS = ("greater", "less", "different", "equivalent")
ARMS_OF_TEST: Mapping[str, tuple[int, int | None]] = {
    "difference": (2, 2),
    "interaction": (4, 4),
    "slope": (3, None),
    "difference-in-differences": (2, 2),
    "best-single": (3, None),
}
"""Tests of hypotheses: how many arms each takes at least and at most."""


def check_design(design: StudyDesign) -> None:
    """Refuse what cannot be run or judged.

    Raises:
        UserError: the first thing that is wrong.
    """
    if not design.arms or not design.targets or not design.sizes:
        empty = next(name for name in ("arms", "targets", "sizes") if not getattr(design, name))
        raise UserError(f"a study without {empty}", "there is nothing to run", f"declare one: [{empty}.NAME]")
    for name in design.arms:
        lineage(design, name)
    if design.baseline:
        _known(design.baseline, design.arms, "unknown baseline")
    for place, phase in _phases(design):
        _check_phase(design, place, phase)
    for name, subset in design.subsets.items():
        _check_subset(design, name, subset)
    for name, target in design.targets.items():
        _check_target(design, name, target)
    names = [hypothesis.name for hypothesis in design.hypotheses]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"two hypotheses are called '{twice}'", "each is judged by its name", "rename one")
    for hypothesis in design.hypotheses:
        _check_hypothesis(design, hypothesis)
    for name, size in design.sizes.items():
        _check_size(design, name, size)


def lineage(design: StudyDesign, name: str) -> list[ArmDesign]:
    """The arms whose phases make an arm, the first one first.

    Raises:
        UserError: an arm comes after one that is not there, or after itself.
    """
    seen: list[str] = []
    found: list[ArmDesign] = []
    while name:
        if name in seen:
            circle = " → ".join([*seen[seen.index(name) :], name])
            raise UserError(f"arms in a circle: {circle}", "an arm cannot come after itself", "change one 'after'")
        if name not in design.arms:
            raise UserError(
                f"arm '{seen[-1]}' comes after '{name}', which is not an arm",
                "its first phase would have no parent",
                suggestion(name, design.arms),
            )
        seen.append(name)
        found.insert(0, design.arms[name])
        name = design.arms[name].after
    return found


def phases_of(design: StudyDesign, name: str) -> list[PhaseDesign]:
    """All phases of an arm, those of the arms before it included."""
    return [phase for arm in lineage(design, name) for phase in arm.phases]


def _phases(design: StudyDesign) -> Iterator[tuple[str, PhaseDesign]]:
    """Every phase that is declared, and where."""
    for name, arm in design.arms.items():
        yield from ((f"arm '{name}'", phase) for phase in arm.phases)
    for name, target in design.targets.items():
        if target.phase:
            yield f"target '{name}'", target.phase
    for name, subset in design.subsets.items():
        if subset.map:
            yield f"subset '{name}'", subset.map


def _check_phase(design: StudyDesign, place: str, phase: PhaseDesign) -> None:
    if not phase.tasks:
        raise UserError(f"a phase of {place} has no task", "tasks is empty", "name a task")
    for what, value in (("examples", phase.examples), ("cap", phase.cap), ("temperature", phase.temperature)):
        if value is not None and not value > 0:
            raise UserError(f"a phase of {place} has {what} = {value:g}", "it is above 0", f"give another {what}")
    _check_ignored(place, phase)
    if not phase.subset:
        return
    _known(phase.subset, design.subsets, f"{place}: unknown subset")
    if list(phase.tasks) != [design.subsets[phase.subset].of]:
        raise UserError(
            f"{place} trains {' + '.join(phase.tasks)} on the subset '{phase.subset}'",
            f"that is a subset of {design.subsets[phase.subset].of}",
            "train on that task alone",
        )


def _check_ignored(place: str, phase: PhaseDesign) -> None:
    """Refuse numbers that nothing would read."""
    if phase.examples is not None and (phase.subset or list(phase.tasks) == [MLM]):
        why = "its subset says which examples" if phase.subset else "text has no labelled examples"
        raise UserError(f"a phase of {place} has examples = {phase.examples}", why, "leave it out")
    for name, value, mixture in (("cap", phase.cap, "capped"), ("temperature", phase.temperature, "temperature")):
        if value is not None and phase.mixture != mixture:
            why = f"only the mixture '{mixture}' reads it"
            raise UserError(f"a phase of {place} has a {name}", why, f"add mixture = '{mixture}', or leave it out")


def _check_subset(design: StudyDesign, name: str, subset: SubsetDesign) -> None:
    if subset.by == TWIN:
        _known(subset.twin_of, design.subsets, f"subset '{name}' is the twin of an unknown subset")
        if design.subsets[subset.twin_of].by == TWIN:
            raise UserError(f"subset '{name}' is the twin of a twin", "twins are of chosen subsets", "name that one")
        if (of := design.subsets[subset.twin_of].of) != subset.of:
            why = f"that is a subset of {of}, and this one is of {subset.of}"
            raise UserError(f"subset '{name}' is the twin of '{subset.twin_of}'", why, f"write of = '{of}'")
    elif subset.by not in MAPS:
        raise UserError(
            f"subset '{name}': unknown way '{subset.by}'", "subsets are chosen so", suggestion(subset.by, (*MAPS, TWIN))
        )
    elif subset.map is None or subset.share is None or not 0 < subset.share <= 1:
        why = "a map needs a training whose dynamics it is, and a share above 0 and at most 1"
        raise UserError(f"subset '{name}' lacks map or share", why, "add map = {tasks = [...]} and share = 0.33")
    elif list(subset.map.tasks) != [subset.of]:
        raise UserError(f"subset '{name}' has the map of another task", f"it is a subset of {subset.of}", "train on it")


def _check_hypothesis(design: StudyDesign, hypothesis: HypothesisDesign) -> None:
    place = f"hypothesis '{hypothesis.name}'"
    if hypothesis.test not in ARMS_OF_TEST:
        raise UserError(
            f"{place}: unknown test '{hypothesis.test}'", "tests are these", suggestion(hypothesis.test, ARMS_OF_TEST)
        )
    if hypothesis.direction not in DIRECTIONS:
        why = "directions are these"
        raise UserError(
            f"{place}: unknown direction '{hypothesis.direction}'", why, suggestion(hypothesis.direction, DIRECTIONS)
        )
    smallest = hypothesis.smallest_effect
    if not 0 <= smallest < math.inf or (hypothesis.direction == "equivalent" and not smallest):
        why = "it is a size in points, and equivalence needs one above 0"
        raise UserError(f"{place}: smallest_effect is {smallest:g}", why, "give the size")
    for arm in hypothesis.arms:
        _known(arm, design.arms, f"{place} names an unknown arm")
    for target in (*hypothesis.targets, *hypothesis.other_targets):
        _known(target, design.targets, f"{place} names an unknown target")
    _check_number(place, hypothesis)
    if (hypothesis.test == "best-single") != bool(hypothesis.chosen_on):
        why = "chosen_on is the target on which the best arm is chosen, for the test best-single only"
        raise UserError(f"{place}: chosen_on and test do not fit", why, "change one of them")
    if hypothesis.chosen_on:
        _known(hypothesis.chosen_on, design.targets, f"{place} chooses on an unknown target")
    if hypothesis.test == "slope":
        _check_amounts(design, place, hypothesis)


def _check_number(place: str, hypothesis: HypothesisDesign) -> None:
    least, most = ARMS_OF_TEST[hypothesis.test]
    number = len(hypothesis.arms)
    if number < least or (most is not None and number > most) or len(set(hypothesis.arms)) < number:
        wanted = f"{least} different arms" if most == least else f"at least {least} different arms"
        raise UserError(f"{place} names {number} arms", f"the test '{hypothesis.test}' takes {wanted}", "change arms")
    if hypothesis.test == "best-single" and len(hypothesis.targets) > 1:
        raise UserError(f"{place} names several targets", "the best arm is chosen for one", "declare one for each")
    if not hypothesis.targets:
        raise UserError(f"{place} names no target", "there is nothing to measure", "name one")
    if (hypothesis.test == "difference-in-differences") != bool(hypothesis.other_targets):
        why = "other_targets belong to the test difference-in-differences, and to no other"
        raise UserError(f"{place}: other_targets and test do not fit", why, "change one of them")
    if both := [target for target in hypothesis.targets if target in hypothesis.other_targets]:
        why = "a difference between a target and itself is 0"
        raise UserError(f"{place} names '{both[0]}' on both sides", why, "take it out of one")


def _check_amounts(design: StudyDesign, place: str, hypothesis: HypothesisDesign) -> None:
    amounts = [design.arms[arm].amount for arm in hypothesis.arms]
    without = [arm for arm, amount in zip(hypothesis.arms, amounts, strict=True) if not 0 < (amount or 0) < math.inf]
    if without:
        raise UserError(f"{place}: arm '{without[0]}' has no amount", "a slope is over its logarithm", "add amount")
    if all(a == b for a, b in pairwise(amounts)):
        raise UserError(f"{place}: all amounts are the same", "then there is no slope", "change the arms")


def _check_size(design: StudyDesign, name: str, size: SizeDesign) -> None:
    seeds, data_seeds = size.seeds, size.data_seeds
    if not 0 < size.scale <= 1:
        raise UserError(
            f"size '{name}' has the scale {size.scale:g}", "it makes studies smaller", "give 0 < scale <= 1"
        )
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise UserError(f"size '{name}' has the seeds {list(seeds)}", "it takes different ones, from 0 on", "fix them")
    if data_seeds and len(data_seeds) != len(seeds):
        why = f"there are {len(seeds)} seeds, and each has its data seed"
        raise UserError(f"size '{name}' has {len(data_seeds)} data_seeds", why, "give as many, or none")
    numbers = {"limit": size.limit, "examples": size.examples}
    numbers |= {f"examples of {task}": of_task.examples for task, of_task in size.tasks.items()}
    for what, number in numbers.items():
        if number is not None and number < 1:
            raise UserError(f"size '{name}' has the {what} {number}", "nothing would be left", "give 1 or more")
    for what, names in {"arms": size.arms, "targets": size.targets}.items():
        for each in names:
            _known(each, getattr(design, what), f"size '{name}' names unknown {what}")


def _check_target(design: StudyDesign, name: str, target: TargetDesign) -> None:
    if not target.evaluate:
        raise UserError(f"target '{name}' evaluates nothing", "evaluate is empty", "name a task")
    if not target.data:
        return
    _known(target.data, design.perturbed, f"target '{name}': unknown data")
    changed = design.perturbed[target.data].tasks
    if lacking := next((task for task in target.evaluate if task not in changed), ""):
        why = f"the data '{target.data}' are those of {', '.join(changed) or 'no task'}"
        raise UserError(f"target '{name}' evaluates {lacking} on changed data", why, f"add {lacking} to its tasks")


def check_languages(design: StudyDesign, size: str, there: Collection[str]) -> None:
    """Refuse languages that neither the world nor the data know.

    Args:
        there: Those of the data that are evaluated; tasks of the user's own may have names of their own for them.

    Raises:
        UserError: naming where such a language is declared.
    """
    known = {*KNOWN, *there}
    named = {f"size '{size}' evaluates": design.sizes[size].languages}
    named |= {f"hypothesis '{each.name}' is about": languages_of(each.languages) for each in design.hypotheses}
    for place, names in named.items():
        for name in names:
            if name not in known:
                sensible = (*sorted(there), *SETS) if place.startswith("hypothesis") else sorted(there)
                raise UserError(f"{place} '{name}'", "no language is called so", suggestion(name, sensible))


def languages_of(text: str) -> tuple[str, ...]:
    """The languages that a hypothesis names; none if it is about a set of them."""
    return () if text in SETS else tuple(part.strip() for part in text.split(","))


def _known(name: str, names: Collection[str], what: str) -> None:
    if name not in names:
        raise UserError(f"{what} '{name}'", "the study declares no such name", suggestion(name, names))
