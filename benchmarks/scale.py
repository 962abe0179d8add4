"""What encoders of XLM-R's sizes cost: the plan's count against trainings of three sizes, then XL and XXL by count.

Weights are zeros, as holes of a file, so that even XXL's 43 GB take no disk; operations and memory do not depend on
their values. Lengths are those of MNLI's pairs, the tokenizer is multilingual-e5-small's (``make models``), which is
XLM-R's. Training is ``--lora r=16`` in fp32, embedding is Tatoeba's sentences. Each size is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
from embedding import MAX_LENGTH, texts_of
from load import encoders, forward_flops, matmul_peak, real_data, save
from training import typical

from xharness.checkpoints.checkpoint import Head, inspect
from xharness.compute.device import Device
from xharness.compute.loading import load
from xharness.predict.embed import embed
from xharness.train import estimate
from xharness.train.finetune import make_model, make_trainer
from xharness.train.options import FinetuneOptions
from xharness.train.phase import Phase
from xharness.train.prepare import prepare

STEPS, SENTENCES = 4, 512
VOCABULARY, POSITIONS = 250_002, 514
PARTS = ("weights", "gradients", "moments", "activations")


class Shape(NamedTuple):
    """An encoder's architecture and sizes, as published."""

    architecture: str
    width: int
    blocks: int
    heads: int


MEASURED = {
    "small": Shape("xlm-roberta", 384, 12, 12),
    "XLM-R Base": Shape("xlm-roberta", 768, 12, 12),
    "XLM-R Large": Shape("xlm-roberta", 1024, 24, 16),
}
COUNTED = {"XLM-R XL": Shape("xlm-roberta-xl", 2560, 36, 32), "XLM-R XXL": Shape("xlm-roberta-xl", 4096, 48, 32)}
SHAPES = MEASURED | COUNTED


def write_checkpoint(shape: Shape, tokenizer: Path, folder: Path) -> Path:
    """A checkpoint whose weights are a hole in a file: they read as zeros."""
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.for_model(
        shape.architecture,
        vocab_size=VOCABULARY,
        hidden_size=shape.width,
        num_hidden_layers=shape.blocks,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.width,
        max_position_embeddings=POSITIONS,
        type_vocab_size=1,
    )
    folder.mkdir()
    config.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(tokenizer / name, folder)
    with torch.device("meta"):
        sizes = {name: list(tensor.shape) for name, tensor in AutoModel.from_config(config).state_dict().items()}
    header, end = {}, 0
    for name, size in sizes.items():
        header[name] = {"dtype": "F32", "shape": size, "data_offsets": [end, end := end + 4 * math.prod(size)]}
    text = json.dumps(header).encode()
    with (folder / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + end)
    return folder


def phase_of(model: Path, data: Path, out: Path) -> Phase:
    """MNLI by low-rank matrices."""
    options = FinetuneOptions(
        model=model,
        tasks=("mnli",),
        data=data,
        out=out,
        examples=2000,
        lora="r=16",
        device="cpu",
        precision="fp32",
        sets=("epochs=1", "select=last"),
    )
    return prepare(options)


def counted(phase: Phase) -> dict[str, Any]:
    """What a plan says of a model that it does not load."""
    found: Any = estimate._counted(phase)
    return {"step": found["seconds"]["training"] / phase.total, "gb": found["gigabytes"]}


def trained(phase: Phase, out: Path) -> dict[str, Any]:
    """Seconds of a typical step, and the most memory that the training took beyond what was there before it."""
    before = memory("VmRSS")
    trainer = make_trainer(phase, make_model(phase), out)
    trainer.learner.raw.train()
    drawn = (trainer.micro_batches.of_step(step) for step in range(phase.total))
    chosen = typical([sum(batch.tokens for batch in batches) for batches in drawn], STEPS)
    seconds = []
    with trainer.learner.faster():
        for trainer.progress.step in (chosen[0], *chosen):  # the first one warms up
            started = time.perf_counter()
            trainer.step()
            seconds.append(time.perf_counter() - started)
    return {"step": sum(seconds[1:]) / STEPS, "gb": memory("VmHWM") - before}


def embedded(model: Path) -> dict[str, Any]:
    """Sentences a second, and the share of the best product that this is."""
    loaded = load(inspect(model), Head.ENCODER, Device("cpu", "fp32"))
    texts, lengths = texts_of(1)[:: 32_000 // SENTENCES][:SENTENCES], []
    lengths = [min(MAX_LENGTH, len(ids)) for ids in loaded.tokenizer(texts)["input_ids"]]
    settings: dict[str, Any] = {"pooling": "mean", "max_length": MAX_LENGTH, "batch_tokens": loaded.device.batch_tokens}
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        embed(loaded, texts, layers=[loaded.model.config.num_hidden_layers], **settings)
        seconds.append(time.perf_counter() - started)
    best = min(seconds)
    share = forward_flops(loaded.model.config, lengths) / best / matmul_peak()
    return {"sentences_a_second": len(texts) / best, "share": share}


def memory(field: str) -> float:
    """Memory of this process in GB, mapped files counted: ``VmRSS`` now, or ``VmHWM`` at its peak."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").split("\n")
    return next(int(line.split()[1]) * 1024 / 1e9 for line in lines if line.startswith(field))


def of_one(name: str) -> dict[str, Any]:
    """Everything that can be said of one size, in this process."""
    data, tokenizer = real_data(), encoders().get("multilingual-e5-small")
    if data is None or tokenizer is None:
        raise SystemExit("this benchmark needs training files (XHARNESS_SHARED_DATA) and `make models`")
    with tempfile.TemporaryDirectory() as place:
        model = write_checkpoint(SHAPES[name], tokenizer, Path(place) / "model")
        phase = phase_of(model, data, Path(place) / "out")
        found = {"size": name, "counted": counted(phase)}
        if name in MEASURED:
            found |= {"trained": trained(phase, Path(place) / "trained"), "embedded": embedded(model)}
    return found


def show(found: dict[str, Any]) -> None:
    """One line of the table."""
    by_count = found["counted"]
    memory = " + ".join(f"{by_count['gb'][part]:.2f}" for part in PARTS)
    print(f"{found['size']:12} counted {by_count['step']:8.2f} s a step, {by_count['gb']['all']:6.2f} GB = {memory}")
    if "trained" in found:
        real, vectors = found["trained"], found["embedded"]
        times = f"{real['step'] / by_count['step']:.2f}x the count"
        print(f"{'':12} trained {real['step']:8.2f} s a step ({times}), {real['gb']:6.2f} GB")
        speed, share = vectors["sentences_a_second"], vectors["share"]
        print(f"{'':12} embedded {speed:.1f} sentences/s, {share:.0%} of the best product")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=SHAPES, help="one size, in this process, as JSON")
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps(of_one(arguments.only)))
        return
    results = []
    for name in SHAPES:
        said = subprocess.run([sys.executable, __file__, "--only", name], check=True, capture_output=True, text=True)
        results.append(json.loads(said.stdout.splitlines()[-1]))
        show(results[-1])
    save("scale", results)


if __name__ == "__main__":
    main()
