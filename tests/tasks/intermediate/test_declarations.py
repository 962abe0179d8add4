"""The declarations: names, readers, label sets, recipes; what a name trains on."""

import subprocess
import sys
from pathlib import Path

import pytest

from xharness.tasks import tydiqa, xnli
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import INTERMEDIATE, PAPER
from xharness.tasks.intermediate.labels import learn
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import Registry, built_in
from xharness.tasks.types.tagging import TAGGING
from xharness.tasks.types.text_classification import TEXT_CLASSIFICATION


def test_the_nine_tasks_of_the_paper() -> None:
    assert [task.name for task in PAPER] == [
        "anli_plus", "mnli", "qqp", "squad_v2", "squad_v1", "hellaswag", "ccg", "cosmosqa", "commonsenseqa",
    ]  # fmt: skip
    others = {"socialiqa", "copa", "paws", "ud_dependency", "mlm", "squad_pairs", "wikipedia_pairs"}
    assert {*INTERMEDIATE} == {*(task.name for task in PAPER), *others}


@pytest.mark.parametrize("name", [name for name in INTERMEDIATE if name != "mlm"])  # text has no splits
def test_every_declaration_is_complete(name: str) -> None:
    task = INTERMEDIATE[name]
    assert (task.name, task.group, task.languages) == (name, "intermediate", ("en",))
    assert task.reader is not None
    assert task.citation
    assert task.licence
    assert task.source.startswith("https://")
    assert task.recipe is not None
    assert task.recipe.max_length == task.max_length
    assert task.recipe.learning_rate == (2e-5 if name in ("socialiqa", "squad_pairs", "wikipedia_pairs") else 1e-5)
    assert bool(task.labels) == (task.type in (TEXT_CLASSIFICATION, TAGGING) and name != "ccg")
    assert {*task.metric.primary_scores} <= {*task.metric.official_scores}
    assert name not in built_in()


def test_the_inference_tasks_share_their_labels_with_xnli() -> None:
    assert INTERMEDIATE["anli_plus"].labels == INTERMEDIATE["mnli"].labels == xnli.TASK.labels


def test_targets_share_training_data() -> None:
    registry = Registry()
    assert all(registry.trainable(name) is INTERMEDIATE["squad_v1"] for name in ("xquad", "mlqa", "squad_v1"))
    assert registry.trainable("tydiqa") is tydiqa.TASK
    targets = {"xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "xcopa", "lareqa", "mewslix"}
    assert {*registry.trainable_names} == targets | {*INTERMEDIATE} | {
        name for name, task in PACKS.items() if task.recipe is not None
    }


@pytest.mark.parametrize(("wrong", "meant"), [("hellaswga", "hellaswag"), ("tydi", "tydiqa")])
def test_a_wrong_name_gets_a_suggestion(wrong: str, meant: str) -> None:
    with pytest.raises(UserError) as caught:
        Registry().trainable(wrong)
    assert meant in caught.value.fix


def test_retrieval_trains_on_nothing() -> None:
    with pytest.raises(UserError, match="no task 'tatoeba' to train on"):
        Registry().trainable("tatoeba")


def test_declared_labels_stay() -> None:
    assert learn(xnli.TASK, []) is xnli.TASK
    assert learn(INTERMEDIATE["hellaswag"], []) is INTERMEDIATE["hellaswag"]


def test_importing_loads_no_model_code() -> None:
    modules = "xharness.tasks.intermediate.data, xharness.tasks.intermediate.translations, xharness.tasks.subsets"
    code = f"import sys, {modules}; print({{'torch', 'transformers', 'seqeval'}} & {{*sys.modules}})"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
