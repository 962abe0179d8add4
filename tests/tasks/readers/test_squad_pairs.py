"""SQuAD as questions and the sentences that answer them."""

from __future__ import annotations

import json
from pathlib import Path

from xharness.tasks.intermediate import squad_pairs
from xharness.tasks.intermediate.data import load
from xharness.tasks.readers.squad_pairs import NO_SENTENCE, SquadPairsReader
from xharness.tasks.types.text_pairs import TextPair

CONTEXT = "Ada left.\nShe took Dr. Who's bag. It was late."


def written(folder: Path, *answers: list[tuple[str, int]]) -> Path:
    qas = [
        {"id": f"q{number}", "question": " Who?\n", "answers": [{"text": text, "answer_start": at} for text, at in own]}
        for number, own in enumerate(answers)
    ]
    content = {"data": [{"title": "t", "paragraphs": [{"context": CONTEXT, "qas": qas}]}]}
    folder.mkdir(exist_ok=True)
    (folder / "train-v1.1.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_first_answer_decides_and_nothing_stands_between(tmp_path: Path) -> None:
    folder = written(tmp_path, [("Dr. Who's bag", 19), ("Ada", 0)], [("Ada", 0)])
    found = SquadPairsReader().read(folder, "en", "train")
    plain = "Ada left.She took Dr. Who's bag. It was late."
    assert not found.problems
    assert found.examples == [
        TextPair("q0", "Who?", f"She took Dr. Who's bag.{plain}"),
        TextPair("q1", "Who?", f"Ada left.{plain}"),
    ]


def test_answers_between_sentences_are_left_out_and_counted(tmp_path: Path) -> None:
    found = SquadPairsReader().read(written(tmp_path, [("Ada", 0)], [("\nShe", 9)]), "en", "train")
    assert [pair.id for pair in found.examples] == ["q0"]
    assert found.rows[0].left_out == {NO_SENTENCE: 1}
    assert found.notes == (f"train-v1.1.json: 1 question left out: {NO_SENTENCE}",)


def test_real_questions(shared_data: Path) -> None:
    found = load(squad_pairs.TASK, shared_data)
    assert (len(found.examples), found.rows[0].read, found.notes) == (4330, 4330, ())
