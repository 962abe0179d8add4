"""The study's own files: whose folder it is, and when hypotheses were declared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.studies.written import DESIGN, design_of, plan_by_hand, write_study
from xharness.studies.planning import PlannedStudy
from xharness.studies.record import GRAPH, STUDY, open_study, record
from xharness.tasks.common.errors import UserError

OTHER = DESIGN.replace("smallest_effect = 2.0", "smallest_effect = 3.0")


def of_seeds(planned: PlannedStudy, *seeds: int) -> PlannedStudy:
    """The same plan, with other seeds chosen."""
    kept = tuple(each for each in planned.evaluated if each.seed in seeds)
    return replace(planned, evaluated=kept, chosen=replace(planned.chosen, seeds=seeds))


def test_hypotheses_changed_after_results_of_other_seeds_are_late(tmp_path: Path) -> None:
    write_study(tmp_path, size="small", items=20, without={f"none → xnli, seed {seed}" for seed in (3,)})
    assert not record("made", of_seeds(plan_by_hand(tmp_path), 1, 2)).declared_late
    changed = record("made", of_seeds(plan_by_hand(tmp_path, design_of(OTHER)), 3))
    assert changed.declared_late
    assert record("made", of_seeds(plan_by_hand(tmp_path, design_of(OTHER)), 1, 2)).declared_late, "it stays so"


def test_a_new_folder_on_a_store_that_knows_the_answers_is_late(tmp_path: Path) -> None:
    first = write_study(tmp_path, size="smoke", items=20)
    assert not first.declared_late

    def elsewhere(name: str, done: set[str]) -> PlannedStudy:
        planned = plan_by_hand(tmp_path, size="smoke")
        options = replace(planned.options, out=tmp_path / name, store=first.store.root)
        kept = tuple(each for each in planned.evaluated if each.arm in done)
        return replace(planned, options=options, evaluated=kept)

    assert record("made", elsewhere("all", {"none", "small"})).declared_late
    assert not record("made", elsewhere("shared", {"none"})).declared_late, "a baseline alone tells no effect"


def test_a_folder_belongs_to_one_study_whatever_its_file_is_called(tmp_path: Path) -> None:
    write_study(tmp_path, size="smoke", items=20)
    other = design_of(DESIGN.replace("Does intermediate training help?", "Something else"))
    with pytest.raises(UserError, match="is another study's folder") as error:
        record("made", plan_by_hand(tmp_path, other, "smoke"))
    assert "'Something else'" in error.value.why
    with pytest.raises(UserError, match="is another size's folder"):
        record("made", plan_by_hand(tmp_path, size="small"))


@pytest.mark.parametrize("content", ["{", "{}", '{"study": "made"}'])
def test_what_is_advised_about_damaged_files_works(tmp_path: Path, content: str) -> None:
    study = write_study(tmp_path, size="smoke", items=20)
    (study.out / GRAPH).write_text(content)
    with pytest.raises(UserError, match="cannot read") as error:
        open_study(study.out)
    assert "run the same xharness study run command again" in error.value.fix
    assert record("made", plan_by_hand(tmp_path, size="smoke")).graph.steps == study.graph.steps
    (study.out / STUDY).write_text(content)
    with pytest.raises(UserError, match="cannot read") as error:
        record("made", plan_by_hand(tmp_path, size="smoke"))
    assert "another --out and the same --store" in error.value.fix


def test_a_call_that_was_killed_in_its_first_write_is_continued(tmp_path: Path) -> None:
    planned = plan_by_hand(tmp_path)
    planned.options.out.mkdir(parents=True)
    (planned.options.out / ".study.json.999999999.partial").touch()
    study = record("made", planned)
    assert sorted(path.name for path in study.out.iterdir()) == ["graph.json", "study.json"]
