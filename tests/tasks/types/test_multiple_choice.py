"""Gold choices."""

from dataclasses import replace
from pathlib import Path

from tests.tasks.types.made import differences
from xharness.tasks import xcopa
from xharness.tasks.types.multiple_choice import ChoiceQuestion


def test_choices(tmp_path: Path) -> None:
    questions = [ChoiceQuestion(str(number), "a", "b", ("c", "d")) for number in (1, 2)]
    assert differences(tmp_path, xcopa.TASK, questions, '{"label": 0}\n{"label": 1}\n') == []
    assert differences(tmp_path, xcopa.TASK, questions, '{"label": 2}\n{"label": "1"}\n') == [
        (1, "label 2 is not one of the choices 0 to 1"),
        (2, "label '1' is not one of the choices 0 to 1"),
    ]


def test_choices_are_those_of_each_question(tmp_path: Path) -> None:
    own = replace(xcopa.TASK, choices=0)
    questions = [ChoiceQuestion("1", "a", "b", ("c", "d", "e")), ChoiceQuestion("2", "a", "b", ("c", "d"))]
    assert differences(tmp_path, own, questions, '{"label": 2}\n{"label": 1}\n') == []
    assert differences(tmp_path, own, questions, '{"label": 3}\n{"label": 2}\n') == [
        (1, "label 3 is not one of the choices 0 to 2"),
        (2, "label 2 is not one of the choices 0 to 1"),
    ]
    assert differences(tmp_path, own, None, '{"label": 4}\n{"label": -1}\n') == [
        (2, "label -1 is not the index of a choice")
    ]
    assert differences(tmp_path, replace(own, choices=4), None, '{"label": 3}\n{"label": 4}\n') == [
        (2, "label 4 is not one of the choices 0 to 3")
    ]
