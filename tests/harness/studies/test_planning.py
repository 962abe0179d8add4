"""The graph of a study: keys that are known beforehand, phases that are shared, and what is refused."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.checkpoints.test_hub import store
from tests.harness.conftest import Demo
from tests.harness.studies.written import design_of
from xharness.evaluation.reporter import Reporter
from xharness.studies.graph import Step
from xharness.studies.options import StudyOptions
from xharness.studies.planning import PlannedStudy, plan_study
from xharness.studies.steps import evaluate, perturb, train
from xharness.tasks.common.errors import UserError
from xharness.train.specify import specify

DESIGN = """
title = "t"
question = "q"
[arms.none]
[arms.mnli]
phases = [{ tasks = ["mnli"], recipe = "jiant" }]
[arms.both]
after = "mnli"
phases = [{ tasks = ["qqp"], recipe = "jiant", examples = 6, set = { batch_size = 2 } }]
[targets.xnli]
phase = { tasks = ["xnli"], recipe = "jiant" }
evaluate = ["xnli"]
[targets.pawsx]
phase = { tasks = ["pawsx"] }
evaluate = ["pawsx"]
[targets.retrieval]
evaluate = ["tatoeba"]
[sizes.smoke]
seeds = [1, 2]
examples = 8
languages = ["en", "de"]
set = { steps = 2 }
tasks = { pawsx = { examples = 4, set = { learning_rate = 1e-3 } } }
[sizes.large]
seeds = [1, 2]
data_seeds = [11, 12]
"""


@pytest.fixture(scope="module")
def options(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> StudyOptions:
    out = tmp_path_factory.mktemp("study") / "out"
    return StudyOptions(model=demo.models / "encoder", data=demo.data, out=out, size="smoke", device="cpu")


@pytest.fixture(scope="module")
def planned(options: StudyOptions) -> PlannedStudy:
    return plan_study(design_of(DESIGN), options)


def again(options: StudyOptions, text: str = DESIGN, **changed: Any) -> PlannedStudy:
    return plan_study(design_of(text), replace(options, **changed))


def keys(planned: PlannedStudy, **where: object) -> set[str]:
    """Of the evaluations whose arm, target or seed is this."""
    return {
        each.step.key
        for each in planned.evaluated
        if all(getattr(each, name) == value for name, value in where.items())
    }


def trained(planned: PlannedStudy, title: str) -> list[Step]:
    return [step for step in planned.graph if step.kind == "train" and plain(step) == title]


def plain(step: Step) -> str:
    """The title without the number of examples."""
    return re.sub(r", [\d,]+ examples", "", step.title)


def options_of(step: Step) -> Any:
    return step.work["options"]


def test_the_same_study_has_the_same_keys(options: StudyOptions, planned: PlannedStudy, tmp_path: Path) -> None:
    moved = again(options, out=tmp_path / "elsewhere")
    assert list(moved.graph.steps) == list(planned.graph.steps)
    assert [step.key for step in moved.graph] == [step.key for step in planned.graph]


def test_every_arm_meets_every_target_under_every_seed(planned: PlannedStudy) -> None:
    cells = [(each.arm, each.target, each.seed) for each in planned.evaluated]
    assert len(cells) == len(set(cells)) == 3 * 3 * 2


def test_shared_phases_are_one_step(planned: PlannedStudy) -> None:
    assert len(trained(planned, "mnli, seed 1")) == 1  # of two arms, before three targets
    assert len(trained(planned, "qqp, seed 1")) == 1
    assert len(trained(planned, "pawsx, seed 1")) == 3  # after each arm
    (mnli,), (qqp,) = trained(planned, "mnli, seed 1"), trained(planned, "qqp, seed 1")
    assert qqp.parents == {"model": mnli.id}
    assert len(keys(planned, arm="none", target="retrieval")) == 1  # nothing is trained: seeds share it


def test_parents_come_first(planned: PlannedStudy) -> None:
    seen: set[str] = set()
    for step in planned.graph:
        assert set(step.parents.values()) <= seen
        seen.add(step.id)


def test_another_seed_changes_the_keys_of_what_is_trained(options: StudyOptions, planned: PlannedStudy) -> None:
    other = again(options, seeds=(1, 3))
    assert keys(other, seed=1) == keys(planned, seed=1)
    assert keys(other, seed=3, target="xnli").isdisjoint(keys(planned, seed=2))


def test_what_changes_a_phase_changes_its_descendants_only(options: StudyOptions, planned: PlannedStudy) -> None:
    changed = again(options, DESIGN.replace("examples = 6", "examples = 5"))
    for arm, same in (("none", True), ("mnli", True), ("both", False)):
        assert (keys(changed, arm=arm) == keys(planned, arm=arm)) is same


def test_titles_change_no_key(options: StudyOptions, planned: PlannedStudy) -> None:
    named = again(options, DESIGN.replace("[arms.none]", '[arms.none]\ntitle = "as it is"'))
    assert [step.key for step in named.graph] == [step.key for step in planned.graph]


def test_numbers_come_from_study_size_and_user(options: StudyOptions, planned: PlannedStudy) -> None:
    (qqp,) = trained(planned, "qqp, seed 1")
    assert options_of(qqp)["examples"] == 6
    assert options_of(qqp)["sets"] == ["steps=2", "batch_size=2"]
    pawsx = trained(planned, "pawsx, seed 2")[0]
    assert (options_of(pawsx)["examples"], options_of(pawsx)["seed"]) == (4, 2)
    assert options_of(pawsx)["sets"] == ["steps=2", "learning_rate=0.001"]
    assert options_of(trained(planned, "mnli, seed 1")[0])["examples"] == 8
    user = again(options, sets=("batch_size=1",))
    assert options_of(trained(user, "qqp, seed 1")[0])["sets"][-1] == "batch_size=1"
    assert keys(user, target="pawsx").isdisjoint(keys(planned, target="pawsx"))
    whole = again(options, sets=("epochs=1",))  # instead of the size's number of steps
    assert options_of(trained(whole, "pawsx, seed 2")[0])["sets"] == ["learning_rate=0.001", "epochs=1.0"]


def test_arms_targets_seeds_and_size_select(options: StudyOptions, planned: PlannedStudy) -> None:
    one = again(options, arms=("both",), targets=("xnli",), seeds=(2,))
    assert [(each.arm, each.target, each.seed) for each in one.evaluated] == [("both", "xnli", 2)]
    assert [plain(step) for step in one.graph] == ["mnli, seed 2", "qqp, seed 2", "xnli, seed 2", "both → xnli, seed 2"]
    assert {step.key for step in one.graph} <= {step.key for step in planned.graph}
    large = again(options, size="large", arms=("mnli",), targets=("xnli",))
    assert [options_of(step)["data_seed"] for step in large.graph if plain(step).startswith("mnli, seed")] == [11, 12]
    assert "examples" not in options_of(trained(large, "mnli, seed 1")[0])


@pytest.mark.parametrize(
    ("changed", "what", "fix"),
    [
        ({"arms": ("mnly",)}, "unknown arm 'mnly'", "did you mean 'mnli'?"),
        ({"targets": ("pawx",)}, "unknown target 'pawx'", "did you mean 'pawsx'?"),
        ({"size": "smok"}, "unknown size 'smok'", "did you mean 'smoke'?"),
        ({"sets": ("batch_sise=1",)}, "batch_sise", "did you mean 'batch_size'?"),
    ],
)
def test_unknown_names_are_refused(options: StudyOptions, changed: dict[str, Any], what: str, fix: str) -> None:
    with pytest.raises(UserError) as refused:
        again(options, **changed)
    assert what in refused.value.what
    assert fix in refused.value.fix


@pytest.mark.parametrize(
    ("old", "new", "what", "fix"),
    [
        ('tasks = ["mnli"]', 'tasks = ["mnly"]', "mnly", "did you mean 'mnli'?"),
        ('evaluate = ["pawsx"]', 'evaluate = ["pawx"]', "unknown task 'pawx'", "did you mean 'pawsx'?"),
        (
            'phase = { tasks = ["pawsx"] }',
            'phase = { tasks = ["xquad"] }',
            "target 'pawsx' after arm 'none' cannot be answered: pawsx",
            "add phase = {tasks = ['pawsx']}",
        ),
        (
            'phase = { tasks = ["pawsx"] }',
            "",
            "target 'pawsx' after arm 'none' cannot be answered: pawsx",
            "add phase = {tasks = ['pawsx']}",
        ),
    ],
)
def test_what_no_arm_can_do_is_refused(options: StudyOptions, old: str, new: str, what: str, fix: str) -> None:
    assert old in DESIGN
    with pytest.raises(UserError) as refused:
        again(options, DESIGN.replace(old, new))
    assert what in refused.value.what
    assert fix in refused.value.fix


def test_only_some_arms_may_be_unable_to_answer(options: StudyOptions) -> None:
    """Labels of MNLI answer XNLI, so that the arm needs no phase of the target's own; the start does not."""
    text = DESIGN.replace('phase = { tasks = ["xnli"], recipe = "jiant" }\n', "")
    again(options, text, arms=("mnli",), targets=("xnli",))
    with pytest.raises(UserError, match="target 'xnli' after arm 'none' cannot be answered"):
        again(options, text, targets=("xnli",))


def test_a_suite_is_no_start(demo: Demo, options: StudyOptions) -> None:
    with pytest.raises(UserError, match="is a suite"):
        again(options, model=demo.models)


def test_data_that_are_not_there_are_refused(options: StudyOptions) -> None:
    with pytest.raises(UserError, match="no data of pawsx in eu"):
        again(options, DESIGN.replace('languages = ["en", "de"]', 'languages = ["eu"]'), targets=("pawsx",))


def test_data_of_which_nothing_can_be_read_are_refused(options: StudyOptions, tmp_path: Path) -> None:
    shutil.copytree(options.data, tmp_path / "data")
    file = next((tmp_path / "data" / "intermediate").glob("*/*dev_matched.jsonl"))
    file.write_text(file.read_text().replace('"genre"', '"kind"'))
    more = '[targets.genre]\nphase = { tasks = ["xnli"] }\nevaluate = ["mnli-fiction"]\n'
    with pytest.raises(UserError, match="mnli-fiction cannot be evaluated") as told:
        again(options, DESIGN + more, data=tmp_path / "data")
    assert "no example of genre fiction" in told.value.why
    assert "--targets" in told.value.fix
    again(options, DESIGN + more, data=tmp_path / "data", targets=("xnli",))


def test_a_changed_file_changes_the_keys_of_who_reads_it(
    options: StudyOptions, planned: PlannedStudy, tmp_path: Path
) -> None:
    design, data = design_of(DESIGN), tmp_path / "data"
    shutil.copytree(options.data, data)
    same = plan_study(design, replace(options, data=data))
    assert [step.key for step in same.graph] == [step.key for step in planned.graph]
    file = next((data / "download" / "pawsx").glob("test*de*"))
    file.write_bytes(file.read_bytes() + file.read_bytes().splitlines(keepends=True)[-1])
    changed = plan_study(design, replace(options, data=data))
    assert keys(changed, target="xnli") == keys(planned, target="xnli")
    assert keys(changed, target="pawsx").isdisjoint(keys(planned, target="pawsx"))


def test_code_of_ones_own_is_in_the_key_of_an_evaluation(options: StudyOptions, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    found = []
    made = "from dataclasses import replace\nfrom xharness.tasks.xnli import TASK\nMINE = replace(TASK, name='mine')\n"
    for comment in ("", "# another reader\n"):
        own.write_text(made + comment, encoding="utf-8")
        found.append(keys(again(options, tasks_from=own)))
    assert found[0].isdisjoint(found[1])


def trainings(planned: PlannedStudy) -> list[Step]:
    return [step for step in planned.graph if step.kind == "train"]


def test_trainings_are_planned_for_cards_that_are_elsewhere(
    options: StudyOptions, planned: PlannedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    cards = trainings(again(replace(options, device="auto"), gpus=1))
    assert {(options_of(step)["device"], options_of(step)["precision"]) for step in cards} == {("cuda", "bf16")}
    assert not {step.key for step in cards} & {step.key for step in trainings(planned)}
    named = again(replace(options, device="auto"), precision="fp16", gpus=1)
    assert {options_of(step)["precision"] for step in trainings(named)} == {"fp16"}
    assert keys(again(options, gpus=1)) == keys(planned), "the device that is named is the processor"


def test_an_evaluation_has_all_cards_of_its_step(options: StudyOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for gpus, device in ((1, "cuda"), (2, "cuda:all")):
        steps = [step for step in again(replace(options, device="auto"), gpus=gpus).graph if step.kind == "evaluate"]
        works: list[Any] = [step.work for step in steps]
        assert {(work["device"], work["precision"]) for work in works} == {(device, "bf16")}


def test_the_number_of_processes_is_planned_where_it_changes_masks(
    options: StudyOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xharness.train.specification.by_micro_batch", lambda *_: "attention is fused")
    one, two = (trainings(again(options, gpus=gpus)) for gpus in (1, 2))
    assert not {step.key for step in one} & {step.key for step in two}
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    first: Any = two[0].work
    assert specify(train.options_of(first["options"]), parent_key=first["parent_key"]).key == two[0].key


def of_options(planned: PlannedStudy, title: str) -> list[Any]:
    return [options_of(step) for step in trainings(planned) if step.title.startswith(title)]


def test_seeds_that_the_size_does_not_name_draw_by_numbers_of_their_own(options: StudyOptions) -> None:
    text = DESIGN.replace("seeds = [1, 2]\nexamples", "seeds = [1, 2]\ndata_seeds = [11, 12]\nexamples")
    planned = again(options, text, seeds=(1, 2, 3, 4))
    drawn = {each["seed"]: each["data_seed"] for each in of_options(planned, "mnli")}
    assert (drawn[1], drawn[2]) == (11, 12)
    assert len(set(drawn.values())) == 4


MAPPED = """
[subsets.hard]
of = "mnli"
by = "hard"
share = 0.5
map = { tasks = ["mnli"] }
[subsets.random]
of = "mnli"
by = "twin"
twin_of = "hard"
[arms.hard]
phases = [{ tasks = ["mnli"], subset = "hard" }]
[arms.random]
phases = [{ tasks = ["mnli"], subset = "random" }]
"""


def test_the_map_is_the_same_whichever_seeds_are_run(options: StudyOptions) -> None:
    def subsets(*seeds: int) -> set[str]:
        planned = again(options, DESIGN + MAPPED, seeds=seeds, arms=("hard", "random"), targets=("xnli",))
        return {step.key for step in planned.graph if step.kind == "subset"}

    assert subsets(1) == subsets(2) == subsets(0, 1, 2)


def test_a_twin_is_drawn_among_what_was_mapped(options: StudyOptions) -> None:
    text = MAPPED.replace('map = { tasks = ["mnli"] }', 'map = { tasks = ["mnli"], where = "genre=travel" }')
    plain, some = (again(options, DESIGN + each, arms=("random",), targets=("xnli",)) for each in (MAPPED, text))
    (twin,) = (step for step in some.graph if step.title == "subset random")
    assert twin.work["where"] == "genre=travel"
    assert twin.id not in plain.graph.steps


def test_a_mixture_takes_one_number_of_examples(options: StudyOptions) -> None:
    mixed = DESIGN + '[arms.mixed]\nphases = [{ tasks = ["mnli", "pawsx"] }]\n'
    with pytest.raises(UserError, match="size 'smoke' takes 8 of mnli, 4 of pawsx in one phase"):
        again(options, mixed, arms=("mixed",), targets=("xnli",))
    again(options, mixed.replace('"pawsx"] }', '"pawsx"], examples = 4 }'), arms=("mixed",), targets=("xnli",))


def test_beside_masked_words_the_labelled_task_keeps_its_number(options: StudyOptions) -> None:
    mixed = again(options, DESIGN + '[arms.mixed]\nphases = [{ tasks = ["mnli", "mlm"] }]\n', arms=("mnli", "mixed"))
    both = [options_of(each) for each in mixed.graph if each.kind == "train" and "mlm" in options_of(each)["tasks"]]
    assert [each["examples"] for each in both] == [8, 8]  # a seed each


def test_a_dual_encoder_is_read_as_it_was_trained(options: StudyOptions, planned: PlannedStudy) -> None:
    more = '[arms.dual]\nphases = [{ tasks = ["squad_pairs"] }]\n'
    several = again(options, DESIGN + more, arms=("none", "dual"), targets=("retrieval",))
    poolings = {each.arm: each.step.work.get("pooling") for each in several.evaluated}
    assert poolings == {"none": None, "dual": "as-trained"}
    assert keys(several, arm="none") == keys(planned, arm="none", target="retrieval")


def test_a_model_may_be_named_by_its_id(
    demo: Demo, options: StudyOptions, planned: PlannedStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folder = store(tmp_path, "org/encoder", demo.models / "encoder")
    monkeypatch.chdir(tmp_path)
    named = again(options, model=Path("org/encoder"))
    assert [step.key for step in named.graph] == [step.key for step in planned.graph]
    assert {options_of(step)["model"] for step in named.graph if step.kind == "train"} == {str(folder)}


def test_an_unknown_task_is_refused_where_nothing_uses_it(options: StudyOptions) -> None:
    with pytest.raises(UserError, match="size 'smoke' names an unknown task 'mnlii'") as error:
        again(options, DESIGN.replace("tasks = { pawsx", "tasks = { mnlii"))
    assert "'mnli'" in error.value.fix
    with pytest.raises(UserError, match="subset 'hard' names an unknown task 'mnlii'"):
        again(options, DESIGN + MAPPED.replace('"mnli"', '"mnlii"'), arms=("none",))


CHANGED = '[perturbed.d]\ntasks = ["xnli"]\nby = "{by}"\n[targets.x]\nevaluate = ["xnli"]\ndata = "d"\n'


@pytest.mark.parametrize(
    ("by", "more", "what"),
    [
        ("reorder", "", "data 'd': unknown perturbation 'reorder'"),
        ("reordering", "", "data 'd': --by reordering without --trees"),
        ("window", "size = -1\n", "data 'd': --size is -1"),
        ("ngram", 'texts = "secondd"\n', "data 'd': unknown texts 'secondd'"),
        ("ngram", 'languages = ["en"]\n', "data 'd' lack 'de'"),
    ],
)
def test_changed_data_that_cannot_be_made_are_refused_before_anything_runs(
    options: StudyOptions, by: str, more: str, what: str
) -> None:
    made = CHANGED.format(by=by).replace("[targets", more + "[targets")
    made = made.replace('data = "d"', 'data = "d"\nphase = { tasks = ["xnli"] }')
    with pytest.raises(UserError) as error:
        again(options, DESIGN + made, targets=("x",))
    assert error.value.what == what


def test_precision_is_known_before_anything_runs(options: StudyOptions, planned: PlannedStudy) -> None:
    assert {step.work["precision"] for step in planned.graph if step.kind == "evaluate"} == {"fp32"}
    assert keys(again(options, precision="fp32")) == keys(planned)


def test_a_step_whose_data_changed_since_it_was_planned_is_not_done(options: StudyOptions, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(options.data, data)
    changed = DESIGN + CHANGED.format(by="window")
    planned = again(replace(options, data=data), changed, targets=("retrieval", "x"), arms=("mnli",), seeds=(1,))
    steps = {step.kind: step for step in planned.graph if step.kind != "train" and "data" not in step.parents}
    for folder in ("tatoeba", "xnli"):
        file = next((data / "download" / folder).glob("*de*"))
        file.write_bytes(file.read_bytes().replace(b"a", b"b"))
    for run, kind in ((evaluate.run, "evaluate"), (perturb.run, "perturb")):
        with pytest.raises(UserError, match="is not what was planned") as error:
            run(steps[kind], {}, tmp_path / kind, Reporter())
        assert "changed since the study was planned" in error.value.why
        assert not (tmp_path / kind).exists()
