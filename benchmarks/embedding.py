"""Sentence embedding from text to vectors: against sentence-transformers, inference engines and the reference's loop.

Models: all-MiniLM-L6-v2 and, where ``make models`` has put it, multilingual-e5-small. Texts: both sides of the Tatoeba
languages at hand, every N-th sentence (``--every``).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from engines import engines
from load import Clock, Timings, alternate, encoders, forward_flops, matmul_peak, real_data, report, save

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.cpu import _flags
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.embed import Vectors, embed
from xharness.predict.stream import pad

MAX_LENGTH = 256
REFERENCE_BATCH = 100
TUNED = "the same, our arithmetic, batches of"
WANTED = {
    "sentence-transformers as shipped": 2.5,
    "OpenVINO, our batches": 1.15,
    "ONNX Runtime, our batches": 1.15,
    "reference loop, padded to the longest": 5.0,
    "reference loop, padded to 128": 12.0,
}
Encode: TypeAlias = Callable[[Sequence[str]], Vectors]


def texts_of(every: int) -> list[str]:
    """Sentences in file order; made-up ones where there are no real ones."""
    from xharness.tasks import tatoeba
    from xharness.tasks.data import DataFolder

    found = real_data()
    if found is None:
        raise SystemExit("this benchmark needs Tatoeba's files: set XHARNESS_SHARED_DATA")
    folder = DataFolder.open(found)
    texts: list[str] = []
    for language in folder.languages(tatoeba.TASK):
        bitext: Any = folder.load(tatoeba.TASK, language).examples[0]
        texts += [*bitext.candidates, *bitext.queries]
    return texts[::every]


def ours(loaded: Loaded, texts: Sequence[str]) -> Vectors:
    layer = int(loaded.model.config.num_hidden_layers)
    settings: dict[str, Any] = {"pooling": "mean", "max_length": MAX_LENGTH, "batch_tokens": loaded.device.batch_tokens}
    found: Vectors = embed(loaded, texts, layers=[layer], **settings).vectors[0]
    return found


def reference(loaded: Loaded, texts: Sequence[str], width: int = 0) -> Vectors:
    """The reference's loop: batches of 100 in file order, one text at a time, padded to the longest or to ``width``."""
    found = []
    for start in range(0, len(texts), REFERENCE_BATCH):
        rows = [
            loaded.tokenizer(text, truncation=True, max_length=width or MAX_LENGTH)["input_ids"]
            for text in texts[start : start + REFERENCE_BATCH]
        ]
        filler = [[loaded.pad_id] * width] if width else []
        inputs = {name: value[: len(rows)] for name, value in pad(loaded, [*rows, *filler], [None] * 999).items()}
        with torch.no_grad():
            hidden = loaded.model(**inputs).last_hidden_state
        mask = inputs["attention_mask"][:, :, None]
        found.append(((hidden * mask).sum(1) / mask.sum(1)).numpy())
    return np.concatenate(found)


def plain(loaded: Callable[[], Loaded]) -> Loaded:
    """A model as transformers loads it, without what xharness does to it."""
    from unittest import mock

    with mock.patch("xharness.compute.kernels.speed_up"):
        return loaded()


def sentence_transformer(folder: Path, batch_size: int, kernels: bool = False) -> Encode:
    """``encode``; with ``kernels`` its model gets the arithmetic that ours has."""
    from sentence_transformers import SentenceTransformer

    from xharness.compute.kernels import speed_up

    model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    if kernels:
        speed_up(model[0].auto_model if hasattr(model[0], "auto_model") else model[0].model)
    return lambda texts: np.asarray(model.encode(list(texts), batch_size=batch_size, show_progress_bar=False))


def furthest(left: Vectors, right: Vectors) -> float:
    """The largest 1 - cosine of two sets of vectors, row by row."""
    one, other = (v.astype(np.float64) / np.linalg.norm(v.astype(np.float64), axis=1)[:, None] for v in (left, right))
    return float((1 - (one * other).sum(1)).max())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=12, help="take every N-th sentence")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--models", nargs="+", help="of these only, by name", default=list(encoders()))
    parser.add_argument("--one-thread", action="store_true", help="and processor time: for a busy machine")
    arguments = parser.parse_args()
    if arguments.one_thread:
        torch.set_num_threads(1)
    clock = time.process_time if arguments.one_thread else time.perf_counter
    texts, at_hand = texts_of(arguments.every), encoders()
    save("embedding", [of_model(name, at_hand[name], texts, arguments.repetitions, clock) for name in arguments.models])


def of_model(name: str, folder: Path, texts: Sequence[str], repetitions: int, clock: Clock) -> dict[str, Any]:
    """One encoder against the peers, after a look at whether all give the same vectors."""
    checkpoint = inspect(folder)

    def fresh(precision: str = "fp32") -> Loaded:
        return load(checkpoint, Head.ENCODER, Device("cpu", precision))

    computes_bf16 = "avx512_bf16" in _flags()
    fast, slow = fresh(), plain(fresh)
    peers = peers_of(folder, slow, computes_bf16)
    half: dict[str, Encode] = {"xharness in bf16": partial(ours, fresh("bf16"))} if computes_bf16 else {}
    same_vectors(ours(fast, texts), {**peers, "reference loop": partial(reference, slow)}, texts)
    few = texts[::4]
    timings = alternate(
        {
            "xharness": lambda: ours(fast, texts),
            **{peer: partial(encode, texts) for peer, encode in {**peers, **half}.items()},
            "reference loop, padded to the longest": lambda: reference(slow, few),
            "reference loop, padded to 128": lambda: reference(slow, few, 128),
        },
        repetitions,
        clock,
    )
    share = len(few) / len(texts)
    shares = dict.fromkeys((peer for peer in timings if peer.startswith("reference loop")), share)
    result = report(f"embedding, {name}, {len(texts)} sentences", timings, wanted(timings), shares)
    result |= {"clock": clock.__name__} | floor(fast, texts, min(timings["xharness"].seconds), clock)
    if half:
        result["bf16_speed"] = timings["xharness"].median / timings["xharness in bf16"].median
        print(f"  bf16 is {result['bf16_speed']:.2f} times as fast as fp32 (wanted 1.4); 1 - cosine", end=" ")
        print(f"at most {furthest(ours(fast, texts), half['xharness in bf16'](texts)):.1e}")
    return result


def peers_of(folder: Path, slow: Loaded, bf16: bool) -> dict[str, Encode]:
    """Everything that maps texts to vectors but us. ``slow`` is the model as transformers loads it."""
    tuned = {size: sentence_transformer(folder, size, kernels=True) for size in (16, 32, 64)}
    return {
        "sentence-transformers as shipped": sentence_transformer(folder, 32),
        **{f"{TUNED} {size}": encode for size, encode in tuned.items()},
        **engines(slow, MAX_LENGTH, bf16),
    }


def same_vectors(vectors: Vectors, peers: Mapping[str, Encode], texts: Sequence[str]) -> None:
    """Stop unless every peer finds the same vectors but for rounding."""
    for peer, encode in peers.items():
        distance, bound = furthest(vectors, encode(texts)), 1e-3 if "bf16" in peer else 1e-6
        print(f"1 - cosine to {peer}: at most {distance:.1e}")
        assert distance <= bound, peer


def wanted(timings: Mapping[str, Timings]) -> dict[str, float]:
    """The least ratios that are wanted; of sentence-transformers' batch sizes, its best counts."""
    best = min((peer for peer in timings if peer.startswith(TUNED)), key=lambda peer: timings[peer].median)
    return {peer: least for peer, least in {**WANTED, best: 1.3}.items() if peer in timings}


def floor(loaded: Loaded, texts: Sequence[str], seconds: float, clock: Clock) -> dict[str, float]:
    """How far the best repetition is from what the processor can do."""
    distinct = list(dict.fromkeys(texts))
    lengths = [len(row) for row in loaded.tokenizer(distinct)["input_ids"]]
    useful, peak = forward_flops(loaded.model.config, lengths) / seconds, matmul_peak(clock=clock)
    print(f"  {sum(lengths) / seconds:,.0f} tokens/s; {useful / 1e9:.0f} GFLOP/s useful of {peak / 1e9:.0f}", end=" ")
    print(f"({useful / peak:.0%} of the best matrix product here; wanted 80 %)")
    return {"tokens_per_second": sum(lengths) / seconds, "useful_share": useful / peak, "peak": peak}


if __name__ == "__main__":
    main()
