""""""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.diff.runs import write_files

CONTEXT = "Ada Lovelace wrote the first program in 1843. " * 6 + "Grace Hopper built a compiler in 1952."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """One small cell of every kind."""
    questions = [("a", "When?", "1952"), ("b", "Who?", "Grace Hopper"), ("c", "What?", "a compiler")]
    qas = [
        {"id": name, "question": text, "answers": [{"text": gold, "answer_start": CONTEXT.index(gold)}]}
        for name, text, gold in questions
    ]
    squad = json.dumps({"data": [{"paragraphs": [{"context": CONTEXT, "qas": qas}]}]})
    names = "Ada\tB-PER\nLovelace\tI-PER\nsaw\tO\nParis\tB-LOC\n\nnothing\tO\n"
    return write_files(
        tmp_path / "data",
        {
            "download/xnli/test-de.tsv": "a\tb\nc\td\ne\tf\ng\th\n",
            "labels/xnli/test-de.tsv": "neutral\nentailment\nneutral\nneutral\n",
            "download/panx/test-de.tsv": names,
            "labels/panx/test-de.tsv": "B-PER\nI-PER\nO\nB-LOC\n\nO\n",
            "download/udpos/test-de.tsv": "Der\tDET\nHund\tNOUN\nbellt\tVERB\n",
            "labels/udpos/test-de.tsv": "DET\nNOUN\nVERB\n",
            "download/xquad/xquad.de.json": squad,
            "labels/xquad/test-de.json": squad,
            "download/tatoeba/de-en.en": "a cat\nb dog\nc bird\n",
            "download/tatoeba/de-en.de": "ein Hund\nein Vogel\neine Katze\n",
            "labels/tatoeba/test-de.tsv": "2\n0\n1\n",
            "download/bucc2018/de-en.test.de": "de-1\teins\nde-2\tzwei\nde-3\tdrei\n",
            "download/bucc2018/de-en.test.en": "en-1\tone\nen-2\ttwo\nen-3\tthree\n",
            "labels/bucc2018/test-de.tsv": "de-1\ten-1\nde-2\ten-2\n",
        },
    )
