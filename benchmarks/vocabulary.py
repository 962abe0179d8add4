"""What a large vocabulary costs: reading the tokenizer, loading, memory, and tokenising beside computing.

Processor seconds on one thread, so that a busy machine does not matter much. Memory is what the process holds when
every weight has been read: pages of its own, and pages of the file, which the system takes back when it needs them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import torch
from embedding import MAX_LENGTH, texts_of
from load import encoders, minilm, save

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import load, load_tokenizer
from xharness.predict.embed import _tokenise, embed

CPU = Device("cpu", "fp32")
Found = TypeVar("Found")


def taken(call: Callable[[], Found]) -> tuple[float, Found]:
    """Processor seconds of a call, and what it gave."""
    started = time.process_time()
    found = call()
    return time.process_time() - started, found


def held() -> dict[str, float]:
    """Bytes of the process: its own, and of files."""
    lines = Path("/proc/self/status").read_text().split("\n")
    numbers = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith(("RssAnon", "RssFile"))}
    return {name: 1024.0 * int(number) for name, number in numbers.items()}


def measure(name: str, folder: Path, texts: list[str], repetitions: int) -> dict[str, Any]:
    """One encoder."""
    checkpoint = inspect(folder)
    weights = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    reading, tokenizer = taken(lambda: load_tokenizer(checkpoint))
    before = held()
    loading, loaded = taken(lambda: load(checkpoint, Head.ENCODER, CPU, tokenizer))
    for parameter in loaded.model.parameters():
        parameter.sum()
    grown = {kind: (size - before[kind]) / weights for kind, size in held().items()}
    tokenising, whole, last = [], [], int(loaded.model.config.num_hidden_layers)
    settings: dict[str, Any] = {"pooling": "mean", "max_length": MAX_LENGTH, "batch_tokens": CPU.batch_tokens}
    for _ in range(repetitions):
        tokenising.append(taken(lambda: _tokenise(loaded, list(dict.fromkeys(texts)), MAX_LENGTH))[0])
        whole.append(taken(lambda: embed(loaded, texts, layers=[last], **settings))[0])
    share = statistics.median(tokenising) / statistics.median(whole)
    own, of_file = grown["RssAnon"], grown["RssFile"]
    print(f"{name}: {len(tokenizer):,} pieces, weights of {weights / 1e6:.0f} MB")
    print(f"  reading the tokenizer {reading:.2f} s, the weights {loading:.2f} s (wanted at most 2 together)")
    print(f"  memory {own + of_file:.2f} of the weights (wanted at most 1.2), {own:.2f} beside the pages of the file")
    print(f"  tokenising {share:.1%} of the time from text to vectors (wanted at most 5 %)")
    return {"encoder": name, "reading": reading, "loading": loading, "memory": grown, "tokenising": share}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    embed(
        load(inspect(minilm()), Head.ENCODER, CPU), ["warm"], layers=[1], pooling="mean", max_length=8, batch_tokens=8
    )
    texts = texts_of(arguments.every)
    with mock.patch.dict("os.environ", {"TOKENIZERS_PARALLELISM": "false"}):
        found = encoders().items()
        save("vocabulary", [measure(name, folder, texts, arguments.repetitions) for name, folder in found])


if __name__ == "__main__":
    main()
