"""The shared fixtures themselves: no network, and tiny models that load, answer and are the same every time."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES, HEADS, save_tiny

TEXTS = {
    "Latin": "Bada lomi, kupe!", "Cyrillic": "Бада ломи", "Arabic": "بدا لومي", "Devanagari": "बदा लोमि",
    "Thai": "บดาลม", "ideographs": "山田水木", "Hangul": "바다 로미", "Georgian": "ბადა", "Burmese": "ဗဒ",
}  # fmt: skip


def test_network_is_blocked() -> None:
    with pytest.raises(RuntimeError, match="without a network"):
        socket.create_connection(("127.0.0.1", 9))
    with socket.socket() as blocked, pytest.raises(RuntimeError, match="without a network"):
        blocked.connect(("127.0.0.1", 9))


def test_no_fixture_of_a_folder_works_on_the_tests_of_others() -> None:
    """One that patched a function for the whole session made tests depend on what had run before them."""
    here = Path(__file__).parent
    files = [path for path in here.rglob("*.py") if path != here / "conftest.py"]
    made = re.compile(r"fixture\([^)]*\)")
    used = {(path, text) for path in files for text in made.findall(path.read_text("utf-8")) if "autouse=True" in text}
    assert used
    assert not [path for path, text in used if "session" in text or "package" in text]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_tiny_models_load_and_answer(tiny: Tiny, architecture: str, head: str) -> None:
    import torch
    import transformers

    folder = tiny(architecture, head)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model, report = getattr(transformers, HEADS[head]).from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    batch = tokenizer(list(TEXTS.values()), ["Lomi?"] * len(TEXTS), padding=True, return_tensors="pt")
    if head == "choice":
        batch = {name: value[:, None] for name, value in batch.items()}
    with torch.inference_mode():
        answer = model(**batch)[0]
    assert torch.isfinite(answer).all()
    assert not torch.allclose(answer[0], answer[1])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_text_is_unknown(tiny: Tiny, architecture: str) -> None:
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny(architecture, "encoder"))
    for script, text in TEXTS.items():
        encoded = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
        assert tokenizer.unk_token_id not in encoded["input_ids"] or tokenizer.unk_token_id is None, script
        assert max(end for _, end in encoded["offset_mapping"]) == len(text)


def test_a_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        save_tiny(tmp_path / name, "xlm-roberta", "sequence", ["yes", "no"], seed=seed)
    files = {path.name for path in (tmp_path / "a").iterdir()}
    assert files == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)
    assert (tmp_path / "a/model.safetensors").read_bytes() != (tmp_path / "c/model.safetensors").read_bytes()
