"""Whatever stands in a file, a reader answers with a Split, never with a traceback."""

import json
import random
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks.base import Reader, Split
from xharness.tasks.readers.bitext import BuccReader, TatoebaReader
from xharness.tasks.readers.ccg import CcgReader
from xharness.tasks.readers.choices import XcopaReader
from xharness.tasks.readers.commonsense import CommonsenseqaReader, CosmosqaReader
from xharness.tasks.readers.dependencies import DependencyReader
from xharness.tasks.readers.hellaswag import HellaswagReader
from xharness.tasks.readers.nli import ANLI, MNLI, SNLI, NliReader
from xharness.tasks.readers.pairs import PawsxReader, XnliReader
from xharness.tasks.readers.qqp import QqpReader
from xharness.tasks.readers.squad import TydiqaReader, XquadReader
from xharness.tasks.readers.squad_english import SquadReader
from xharness.tasks.readers.tagged import PanxReader, UdposReader
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA
from xharness.tasks.types.multiple_choice import MULTIPLE_CHOICE
from xharness.tasks.types.tagging import TAGGING

QUESTION = {"id": "english-1", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}]}
SQUAD = json.dumps({"data": [{"paragraphs": [{"context": "Ada left.", "qas": [QUESTION]}]}]}, indent=0)
CHOICE = json.dumps({"premise": "a", "choice1": "b", "choice2": "c", "question": "cause", "label": 1})
TREEBANK = "1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\t_\tADP\t_\t_\t2\t_\t2:x|1.1:y\t_\n2\tb\t_\tDET\t_\t_\t0\t_\t_\t_\n\n"
INFERENCE = json.dumps({"uid": "1", "context": "a", "hypothesis": "b", "label": "e"}) + "\n"
ENDINGS = json.dumps({"ctx_a": "a", "ctx_b": "b", "endings": list("cdef"), "label": 3, "source_id": "g~1"}) + "\n"
COSMOS = 'id,context,question,answer0,answer1,answer2,answer3,label\n1,"a, ""b""",c,d,e,f,g,2\n'
STEM = {"stem": "a", "choices": [{"label": "A", "text": "b"}, {"label": "B", "text": "c"}]}
COMMONSENSE = json.dumps({"id": "1", "question": STEM, "answerKey": "B"}) + "\n"
FILES: list[tuple[Reader, str, str, str]] = [
    (XnliReader(), "dev", "dev-en.tsv", 'a\t"b ""c"""\tneutral\nd\te\tentailment\n'),
    (
        XnliReader(languages=("en", "de")),
        "test",
        "xnli.test.tsv",
        "language\tgold_label\t\t\t\t\ts\tt\tc\nen\tneutral\t\t\t\t\ta\tb\tc\n",
    ),
    (PawsxReader(), "test", "en/test_2k.tsv", "id\ta\tb\tlabel\n1\ta\tb\t1\n"),
    (UdposReader(), "dev", "dev-en.tsv", "a\tDET\nb\tNOUN\n\nc\tX\n"),
    (UdposReader(), "test", "en_a-ud-test.conllu", TREEBANK * 2),
    (PanxReader(), "test", "en/test", "en:a\tO\nen:b\tB-PER\n\nen:c\tO\n"),
    (XquadReader(), "test", "xquad.en.json", SQUAD),
    (TydiqaReader(), "train", "tydiqa-goldp-v1.1-train.json", SQUAD),
    (XcopaReader(), "test", "test-en.jsonl", f"{CHOICE}\n{CHOICE}\n"),
    (NliReader((SNLI, MNLI, *ANLI)), "train", "R1/train.jsonl", INFERENCE * 2),
    (NliReader((MNLI,)), "dev", "dev_matched.tsv", "pairID\tsentence1\tsentence2\tgold_label\n1\ta\tb\tneutral\n"),
    (QqpReader(), "dev", "dev.tsv", "id\tquestion1\tquestion2\tis_duplicate\n1\ta\tb\t1\n"),
    (HellaswagReader(), "dev", "hellaswag_val.jsonl", ENDINGS),
    (CosmosqaReader(), "dev", "valid.csv", COSMOS),
    (CommonsenseqaReader(), "dev", "dev_rand_split.jsonl", COMMONSENSE),
    (SquadReader("2.0"), "dev", "dev-v2.0.json", SQUAD),
    (CcgReader(), "dev", "ccg.dev", "a b\tN NP\n"),
    (CcgReader(), "train", "AUTO/00/wsj_0001.auto", "ID=wsj_0001.1 X\n(<L N NN NN a N>)\n"),
    (DependencyReader(), "dev", "en_a-ud-dev.conllu", "1\ta\t_\tADP\t_\t_\t0\troot\t_\t_\n\n"),
    (TatoebaReader(), "test", "tatoeba.fra-eng.eng", "a\nb\n"),
    (BuccReader(), "dev", "fr-en.dev.gold", "fr-1\ten-1\n"),
]


@pytest.mark.parametrize(("reader", "split", "name", "text"), FILES, ids=[entry[2] for entry in FILES])
def test_mutated_files(tmp_path: Path, reader: Reader, split: str, name: str, text: str) -> None:
    language = "fr" if isinstance(reader, TatoebaReader | BuccReader) else "en"
    write(tmp_path / "tatoeba.fra-eng.fra", "x\ny\n")
    write(tmp_path / "fr-en.dev.fr", "fr-1\ta\n")
    write(tmp_path / "fr-en.dev.en", "en-1\tb\n")
    path = write(tmp_path / name, text)
    assert not reader.read(tmp_path, language, split).problems
    generator = random.Random(0)
    for _ in range(300):
        path.write_bytes(mutated(text.encode(), generator))
        found = reader.read(tmp_path, language, split)
        assert isinstance(found, Split)
        assert all(problem.line >= 0 for problem in found.problems)


def test_mutated_gold(tmp_path: Path) -> None:
    generator = random.Random(1)
    for kind, text in ((TAGGING, "X\n\nY\n"), (EXTRACTIVE_QA, SQUAD), (MULTIPLE_CHOICE, CHOICE)):
        for _ in range(200):
            (tmp_path / "gold").write_bytes(mutated(text.encode(), generator))
            kind.parse_gold(tmp_path / "gold")


def mutated(content: bytes, generator: random.Random) -> bytes:
    """The content with a few bytes changed, dropped or put in, most of them telling ones."""
    changed = bytearray(content)
    for _ in range(generator.randint(1, 4)):
        place = generator.randrange(len(changed) + 1)
        new = generator.choice(
            [b"\t", b"\n", b'"', b"\xff", b"", b"-", b"_", b"0", b"null", b"[", bytes([place % 256])]
        )
        changed[place : place + generator.randint(0, 6)] = new
    return bytes(changed)
