"""Everything that can be refused is refused here, before a model is loaded: names, paths, labels, data, disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xharness.checkpoints import provenance
from xharness.checkpoints.checkpoint import Checkpoint, find
from xharness.checkpoints.compatibility import Compatible, Incompatible, with_label_names
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.selection import TaskSelection, reasons, select
from xharness.runs.folder import RunFolder
from xharness.runs.own_tasks import remembered
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import DataFolder
from xharness.tasks.protocols import FROZEN, under_protocol
from xharness.tasks.registry import Registry, as_known, benchmark, open_registry, select_languages


@dataclass(frozen=True)
class Prepared:
    """A checked evaluation, of which only the device is open.

    Attributes:
        compatible, incompatible, languages, without_data: See :class:`xharness.evaluation.selection.TaskSelection`.
    """

    options: EvaluateOptions
    registry: Registry
    data: DataFolder
    checkpoints: Mapping[str, Checkpoint]
    folder: RunFolder
    compatible: Sequence[Compatible]
    incompatible: Sequence[Incompatible]
    languages: Mapping[str, Sequence[str]]
    without_data: Sequence[str]


def prepare(options: EvaluateOptions, *, registry: Registry | None = None, data: DataFolder | None = None) -> Prepared:
    """Check a whole evaluation. Imports no torch.

    Args:
        registry: The tasks, if not those of this installation and of ``options.tasks_from``, or of the file that the
            run in ``options.out`` remembers.
        data: The data, if not what is opened at ``options.data``.

    Raises:
        UserError: the first thing that is wrong, in the order names, data, checkpoint, layer, output folder.
    """
    options.check()
    if registry is None and options.tasks_from is None:
        options = replace(options, tasks_from=remembered(options.out))
    registry = registry or open_registry(options.tasks_from)
    registry.tasks |= under_protocol(registry.known, options.tatoeba_protocol)
    chosen = registry.select(options.tasks, benchmark(options.version))
    select_languages(chosen, options.langs)  # refuses unknown ones before a file is looked for
    data = data or DataFolder.open(options.data, options.labels, names=registry.tasks)
    wanted = _languages(options, chosen, data)
    checkpoints = _checkpoints(options)
    named = {as_known(name.strip(), registry.tasks) for name in (options.tasks or "").split(",")}
    found = select(chosen, checkpoints, data, wanted, named)
    if not found.compatible:
        fix = f"see: xharness data check --data {options.data}"
        raise UserError("nothing to evaluate", reasons(found.incompatible), fix)
    _check_protocol(options, found)
    _check_settings(options, found)
    folder = RunFolder(options.out)
    folder.check_place()
    return Prepared(
        options,
        registry,
        data,
        checkpoints,
        folder,
        found.compatible,
        found.incompatible,
        found.languages,
        found.without_data,
    )


def _languages(options: EvaluateOptions, chosen: Sequence[Task], data: DataFolder) -> set[str] | None:
    """Languages that were asked for; a region stands for those with data."""
    there = {language for task in chosen for language in data.languages(task)} if options.langs else None
    return select_languages(chosen, options.langs, there)


def _checkpoints(options: EvaluateOptions) -> Mapping[str, Checkpoint]:
    """The model or the members of a suite, with the names of labels that were given.

    Raises:
        UserError: one cannot be read, or its provenance is broken.
    """
    found = find(options.model, allow_pickle=options.allow_pickle)
    if options.label_names:
        found = with_label_names(found, options.named_labels)
    for checkpoint in found.values():
        provenance.read(checkpoint.path)
    return found


def _check_settings(options: EvaluateOptions, found: TaskSelection) -> None:
    """Refuse options that the task that they are for cannot follow."""
    for fitting in found.compatible:
        if options.synonyms and "synonyms" not in fitting.task.type.own_options:
            why = f"{fitting.task.type.title} has no vote over copies of a text"
            fix = "leave the task out, for example --tasks xnli,pawsx"
            raise UserError(f"--synonyms with {fitting.task.name}", why, fix)
        answerer_of(fitting.task).settings(options, fitting.task, fitting.checkpoint)  # refuses what does not fit


def _check_protocol(options: EvaluateOptions, found: TaskSelection) -> None:
    """Refuse a protocol that no task is answered under.

    Raises:
        UserError: with the reason.
    """
    if options.tatoeba_protocol == FROZEN or any(each.task.protocol for each in found.compatible):
        return
    refused = [each for each in found.incompatible if each.task.protocol]
    why, fix = (refused[0].reason, refused[0].fix) if refused else ("tatoeba is not evaluated here", "leave it out")
    raise UserError(f"nothing answers --tatoeba-protocol {options.tatoeba_protocol}", why, fix)
