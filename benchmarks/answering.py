"""Tagging and pair classification against a plain re-statement of the reference's loop, answers compared.

The reference pads everything to 128 pieces and takes batches of 8 in file order. Model: the demo's tagger and pair
classifier widened to six blocks of 384, random weights, which cost what trained ones cost.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from load import timed

sys.path.insert(0, str(Path(__file__).parent.parent))

from harness.checkpoint import Head, inspect
from harness.demo.world import write_world
from harness.device import Device
from harness.loading import Loaded, load
from harness.predict.classify import classify
from harness.predict.frame import single_frame
from harness.predict.stream import pad
from harness.predict.tag import segment, tag
from tasks import udpos, xnli
from tasks.data import DataFolder
from tests.models import save_tiny

WIDTH, BATCH, REPETITIONS = 128, 8, 5


def reference(loaded: Loaded, rows: list[list[int]]) -> list[Any]:
    """Logits of every input: batches of 8 in file order, all padded to 128."""
    found = []
    filler = [[loaded.pad_id] * WIDTH]
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        inputs = pad(loaded, [*batch, *filler], [None] * (len(batch) + 1))
        inputs = {name: value[:-1] for name, value in inputs.items()}
        for row, ids in enumerate(batch):
            inputs["attention_mask"][row, len(ids) :] = 0
        with torch.inference_mode():
            found += list(loaded.model(**inputs).logits.argmax(-1))
    return found


def compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    """Run both alternately and print the median ratio of their times."""
    ratios = []
    for _ in range(REPETITIONS):
        slow, _ = timed(theirs)
        fast, _ = timed(ours)
        ratios.append(slow / fast)
    spread = f"{min(ratios):.1f} to {max(ratios):.1f}"
    print(f"{name:10} {statistics.median(ratios):5.1f} times the reference's loop ({spread})")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_world(folder / "data", size="demo")
        data = DataFolder.open(folder / "data")
        device = Device("cpu", "fp32")
        size = {"layers": 6, "hidden": 384}

        tagger = load(inspect(save_tiny(folder / "t", "xlm-roberta", "token", udpos.UPOS, **size)), Head.TOKEN, device)
        sentences = [s for lang in ("en", "de", "fi", "ru") for s in data.load(udpos.TASK, lang).examples]
        rows = [piece.ids for piece in segment(tagger, sentences, single_frame(tagger.tokenizer), WIDTH)]
        options = {"max_length": WIDTH, "batch_tokens": device.batch_tokens}
        compare("udpos", lambda: tag(tagger, sentences, udpos.UPOS, **options), lambda: reference(tagger, rows))

        labels = xnli.TASK.labels
        judge = load(inspect(save_tiny(folder / "p", "xlm-roberta", "sequence", labels, **size)), Head.SEQUENCE, device)
        pairs = [p for lang in ("en", "de", "fr", "ru") for p in data.load(xnli.TASK, lang).examples]
        encoded = judge.tokenizer([p.first for p in pairs], [p.second for p in pairs])["input_ids"]
        answers = classify(judge, pairs, labels, **options)[0]
        assert answers == [labels[int(index)] for index in reference(judge, encoded)], "answers differ"
        compare("xnli", lambda: classify(judge, pairs, labels, **options), lambda: reference(judge, encoded))


if __name__ == "__main__":
    main()
