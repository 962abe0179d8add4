"""A real encoder on real data gives the numbers that others published or that the reference's miner gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xharness.checkpoints import checkpoint
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.retrieve.bucc import LanguageCorpora, MiningOptions, run
from xharness.retrieve.tatoeba import retrieve, right_back
from xharness.tasks.types.bitext_mining import Corpora
from xharness.tasks.types.bitext_retrieval import Bitext

pytestmark = pytest.mark.shared_data

# Accuracy of all-MiniLM-L6-v2 from the other language to English, from MTEB's results repository.
PUBLISHED = {"de": 8.6, "jv": 5.37, "sw": 8.97, "th": 0.55, "zh": 2.7}


@pytest.fixture(scope="module")
def encoder(minilm: Path) -> Loaded:
    return load(checkpoint.inspect(minilm), checkpoint.Head.ENCODER, Device("cpu", "fp32"))


def vectors(encoder: Loaded, texts: list[str], layers: list[int]) -> dict[int, np.ndarray]:
    from xharness.predict.embed import embed

    found = embed(encoder, texts, layers=layers, pooling="mean", max_length=512, batch_tokens=2048)
    return found.by_layer()


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def test_tatoeba_equals_the_published_accuracy(encoder: Loaded, shared_data: Path) -> None:
    folder, labels = shared_data / "download" / "tatoeba", shared_data / "labels" / "tatoeba"
    bitexts = {
        language: Bitext(tuple(lines(folder / f"{language}-en.en")), tuple(lines(folder / f"{language}-en.{language}")))
        for language in PUBLISHED
    }
    found = retrieve(bitexts, lambda texts: vectors(encoder, list(texts), [6]))
    for language, accuracy in PUBLISHED.items():
        gold = lines(labels / f"test-{language}.tsv")
        assert 100 * right_back(found[language][6], gold).mean() == pytest.approx(accuracy, abs=0.2), language
    assert 100 * (found["de"][6].forward == np.array(lines(labels / "test-de.tsv"), int)).mean() == pytest.approx(16.7)


def test_mining_equals_the_reference(encoder: Loaded, shared_data: Path) -> None:
    folder = shared_data / "mining" / "download" / "bucc2018"

    def pairs(path: Path) -> tuple[tuple[str, str], ...]:
        return tuple((line.split("\t", 1)[0], line.split("\t", 1)[1]) for line in lines(path))

    dev, test = (
        Corpora(pairs(folder / f"de-en.{split}.de"), pairs(folder / f"de-en.{split}.en")) for split in ("dev", "test")
    )
    gold = set(pairs(shared_data / "mining" / "labels" / "bucc2018" / "test-de.tsv"))
    language = LanguageCorpora(dev, pairs(folder / "de-en.dev.gold"), test)
    results = run({"de": language}, lambda texts: vectors(encoder, list(texts), [4, 6]), MiningOptions())["de"]
    f1 = {}
    for layer, result in results.items():
        assert result.pairs is not None
        f1[layer] = 200 * len(gold & set(result.pairs)) / (len(result.pairs) + len(gold))
    assert f1 == pytest.approx({4: 14.49, 6: 59.13}, abs=0.3)
    last = results[6]
    assert last.threshold == pytest.approx(1.05, abs=0.0005)
    assert last.dev is not None
    assert (last.dev.kept, last.dev.right) == (389, 296)
    assert last.dev.f1 == pytest.approx(59.86, abs=0.01)
