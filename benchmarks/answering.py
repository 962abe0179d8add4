"""Tagging, pair classification and question answering: against the reference's loop and ``Trainer.predict``.

Model: all-MiniLM-L6-v2 with random heads, which cost what trained ones cost. Data: the first examples of every language
at hand (``--limit``). The reference's loop is restated for measuring only: file order, batches of 8, fixed padding.
transformers 5 has no question-answering pipeline any more; what it did is restated: one question at a time, no padding.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from embedding import plain
from load import alternate, forward_flops, matmul_peak, minilm, real_data, report, save

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.kernels import speed_up
from xharness.compute.loading import Loaded, load
from xharness.compute.special_tokens import single_template
from xharness.predict.extractive_qa import answer, make_windows
from xharness.predict.pairs import encode_pairs
from xharness.predict.spans import SpanOptions
from xharness.predict.stream import pad
from xharness.predict.tagging import segment, tag
from xharness.predict.text_classification import classify
from xharness.tasks import tydiqa, udpos, xnli, xquad
from xharness.tasks.base import Task
from xharness.tasks.data import DataFolder

BATCH, WIDTH, QUESTION_WIDTH = 8, 128, 384
CPU = Device("cpu", "fp32")
OPTIONS: dict[str, Any] = {"max_length": WIDTH, "batch_tokens": CPU.batch_tokens}
Rows = Sequence[Sequence[int]]


def write_head(folder: Path, head: str, labels: Sequence[str]) -> Path:
    """The encoder with a random head, as a checkpoint."""
    import transformers

    names = dict(enumerate(labels))
    torch.manual_seed(0)
    model = getattr(transformers, head).from_pretrained(
        minilm(), num_labels=len(labels), id2label=names, label2id={label: i for i, label in names.items()}
    )
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(minilm()).save_pretrained(folder)
    return folder


def reference(loaded: Loaded, ids: Rows, types: Sequence[Any], width: int, batch: int = BATCH) -> list[Any]:
    """Outputs of every input: batches in file order, all padded to ``width``; to the longest of a batch with 0."""
    found = []
    for start in range(0, len(ids), batch):
        rows, kinds = list(ids[start : start + batch]), list(types[start : start + batch])
        if width:
            rows, kinds = [*rows, [loaded.pad_id] * width], [*kinds, [0] * width]
        inputs = pad(loaded, rows, kinds)
        if width:
            inputs = {name: value[:-1] for name, value in inputs.items()}
        with torch.no_grad():
            output = loaded.model(**inputs)
        found += [output.logits] if "logits" in output else [torch.stack([output.start_logits, output.end_logits])]
    return found


def trainer_predict(loaded: Loaded, ids: Rows, types: Sequence[Any], batch: int) -> Callable[[], Any]:
    """``Trainer.predict`` at its best: inputs sorted by length, dynamic padding."""
    from datasets import Dataset
    from transformers import DataCollatorWithPadding, Trainer, TrainingArguments

    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    columns = {"input_ids": [ids[i] for i in order]}
    if types[0] is not None:
        columns["token_type_ids"] = [types[i] for i in order]
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, per_device_eval_batch_size=batch, use_cpu=True, disable_tqdm=True, report_to=[]
        )
        trainer = Trainer(loaded.model, arguments, data_collator=DataCollatorWithPadding(loaded.tokenizer))
    return lambda: trainer.predict(Dataset.from_dict(columns))


def fast_predict(loaded: Callable[[], Loaded], ids: Rows, types: Sequence[Any]) -> Callable[[], Any]:
    """The same, given our arithmetic, too."""
    model = plain(loaded)
    speed_up(model.model)
    return trainer_predict(model, ids, types, 32)


def compare(
    name: str,
    ours: Callable[[], Any],
    loaded: Callable[[], Loaded],
    repetitions: int,
    encoded: Any,
    targets: Mapping[str, tuple[Callable[[], object], float]],
) -> Any:
    """One kind of task against both peers; encoding is part of our time and no part of theirs.

    Args:
        targets: Further contestants, and the least ratio that is wanted.
    """
    ids, types = encoded
    slow, part = plain(loaded), slice(0, None, 6)
    peers: dict[str, Callable[[], object]] = {"xharness": ours}
    peers["reference loop"] = lambda: reference(slow, ids[part], types[part], WIDTH)
    for batch in (16, 32, 64):
        peers[f"Trainer.predict, batches of {batch}"] = trainer_predict(plain(loaded), ids, types, batch)
    further = {"the same, batches of 32, our arithmetic": fast_predict(loaded, ids, types)}
    timings = alternate(peers | further | {other: call for other, (call, _) in targets.items()}, repetitions)
    best = min((peer for peer in peers if "Trainer" in peer), key=lambda peer: timings[peer].median)
    share = {"reference loop": len(ids[part]) / len(ids)}
    wanted = {"reference loop": 3, best: 1.3} | {other: least for other, (_, least) in targets.items()}
    result = report(f"{name}, {len(ids)} inputs", timings, wanted, share)
    result["useful_share"] = useful(slow, ids, min(timings["xharness"].seconds))
    return result


def useful(loaded: Loaded, ids: Rows, seconds: float) -> float:
    """Useful operations a second against the best matrix product here."""
    share = forward_flops(loaded.model.config, [len(row) for row in ids]) / seconds / matmul_peak()
    print(f"  {share:.0%} of the best matrix product, encoding and decoding included")
    return share


def examples(data: DataFolder, task: Task, limit: int) -> list[Any]:
    """The first examples of every language at hand."""
    return [example for lang in data.languages(task) for example in data.load(task, lang, limit=limit).examples]


def tagging(folder: Path, data: DataFolder, limit: int, repetitions: int) -> Any:
    checkpoint = inspect(write_head(folder / "tags", "AutoModelForTokenClassification", udpos.UPOS))
    model, sentences = load(checkpoint, Head.TOKEN, CPU), examples(data, udpos.TASK, limit)
    template = single_template(model.tokenizer)
    pieces = segment(model, sentences, template, WIDTH)
    ids, types = [p.ids for p in pieces], [template.token_types(len(p.ids) - template.size) for p in pieces]
    few = sentences[:32]
    theirs = reference(model, ids[:32], types[:32], WIDTH, 32)[0].argmax(-1)
    expected = [[udpos.UPOS[int(theirs[row, first])] for first in pieces[row].firsts] for row in range(32)]
    if len({piece.sentence for piece in pieces[:32]}) == 32:
        assert tag(model, few, udpos.UPOS, **OPTIONS)[0] == expected, "answers differ"
    return compare(
        "udpos",
        lambda: tag(model, sentences, udpos.UPOS, **OPTIONS),
        lambda: load(checkpoint, Head.TOKEN, CPU),
        repetitions,
        (ids, types),
        {},
    )


def classification(folder: Path, data: DataFolder, limit: int, repetitions: int) -> Any:
    checkpoint = inspect(write_head(folder / "pairs", "AutoModelForSequenceClassification", xnli.TASK.labels))
    model, pairs = load(checkpoint, Head.SEQUENCE, CPU), examples(data, xnli.TASK, limit)
    ids, types = encode_pairs(model, [pair.first for pair in pairs], [pair.second for pair in pairs], WIDTH)
    logits = torch.cat(reference(model, ids[:64], types[:64], WIDTH)).numpy()
    clear = np.sort(logits, 1)[:, -1] - np.sort(logits, 1)[:, -2] > 1e-5
    answers = np.array(classify(model, pairs[:64], xnli.TASK.labels, **OPTIONS)[0])
    assert (answers == np.array(xnli.TASK.labels)[logits.argmax(1)])[clear].all(), "answers differ"

    def ours() -> object:
        return classify(model, pairs, xnli.TASK.labels, **OPTIONS)

    def whole() -> object:
        with mock.patch("xharness.compute.last_block.FAMILIES", ()):
            return ours()

    return compare(
        "xnli",
        ours,
        lambda: load(checkpoint, Head.SEQUENCE, CPU),
        repetitions,
        (ids, types),
        {"ourselves, all tokens in the last block": (whole, 1.08)},
    )


def questions(folder: Path, data: DataFolder, limit: int, repetitions: int) -> Any:
    checkpoint = inspect(write_head(folder / "qa", "AutoModelForQuestionAnswering", ("start", "end")))
    model, slow = load(checkpoint, Head.SPAN, CPU), plain(lambda: load(checkpoint, Head.SPAN, CPU))
    asked = [*examples(data, xquad.TASK, limit), *examples(data, tydiqa.TASK, limit)]
    options = SpanOptions(max_length=QUESTION_WIDTH)
    windows = make_windows(slow, asked, options)[1]
    ids, types = [window.ids for window in windows], [window.types for window in windows]
    few = slice(0, None, 4)
    timings = alternate(
        {
            "xharness": lambda: answer(model, asked, options, batch_tokens=CPU.batch_tokens),
            "one at a time (the pipeline's way)": lambda: reference(slow, ids[few], types[few], 0, 1),
            "reference loop": lambda: reference(slow, ids[few], types[few], QUESTION_WIDTH),
        },
        repetitions,
    )
    share = len(ids[few]) / len(ids)
    result = report(
        f"xquad and tydiqa, {len(asked)} questions, {len(ids)} windows; theirs without decoding",
        timings,
        {"one at a time (the pipeline's way)": 3, "reference loop": 2},
        {"one at a time (the pipeline's way)": share, "reference loop": share},
    )
    result["useful_share"] = useful(slow, ids, min(timings["xharness"].seconds))
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=40, help="examples of each language")
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    found = real_data()
    if found is None:
        raise SystemExit("this benchmark needs XTREME's files: set XHARNESS_SHARED_DATA")
    with tempfile.TemporaryDirectory() as name:
        data = DataFolder.open(found)
        parts = (tagging, classification, questions)
        limit, repetitions = arguments.limit, arguments.repetitions
        save("answering", [part(Path(name), data, limit, repetitions) for part in parts])


if __name__ == "__main__":
    main()
