"""Tatoeba and BUCC of the demo world: sentences and their translations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from xharness.demo.files import File, World, lines
from xharness.demo.grammar import Grammar
from xharness.demo.meaning import Sentence, sentence
from xharness.tasks.base import Task


def tatoeba_files(world: World, task: Task) -> Iterator[File]:
    """Test in every language."""
    for language in world.languages(task):
        yield from _tatoeba(world, language, world.test_count(task, language))


def bucc_files(world: World, task: Task) -> Iterator[File]:
    """Dev and test in every language; dev has a ninth of the published pairs of test."""
    for language, published in task.published.items():
        yield from _bucc(world, language, "dev", published // 9)
        yield from _bucc(world, language, "test", published)


def distinct(draw: Callable[[], Sentence], count: int, *grammars: Grammar) -> list[tuple[str, ...]]:
    """That many sentences in all these languages, none of which is said alike twice in any of them."""
    found: list[tuple[str, ...]] = []
    seen: list[set[str]] = [set() for _ in grammars]
    while len(found) < count:
        meaning = draw()
        said = tuple(grammar.say(meaning) for grammar in grammars)
        if all(text not in known for text, known in zip(said, seen, strict=True)):
            found.append(said)
            for text, known in zip(said, seen, strict=True):
                known.add(text)
    return found


def _tatoeba(world: World, language: str, count: int) -> Iterator[File]:
    """The foreign side in its order, the English side sorted; the k-th label says where the k-th English one was."""
    rng = world.rng(f"tatoeba/{language}")
    pairs = distinct(lambda: sentence(rng, 0.4), count, world.grammars[language], world.grammars["en"])
    order = sorted(range(count), key=lambda i: pairs[i][1])
    yield File(f"download/tatoeba/{language}-en.{language}", lines(foreign for foreign, _ in pairs))
    yield File(f"download/tatoeba/{language}-en.en", lines(pairs[i][1] for i in order))
    yield File(f"labels/tatoeba/test-{language}.tsv", lines(map(str, order)))


def _bucc(world: World, language: str, split: str, published: int) -> Iterator[File]:
    """Two corpora that share some sentences; everything else is said on one side only."""
    rng = world.rng(f"bucc2018/{language}/{split}")
    planted = published if world.amount.pairs is None else world.amount.pairs
    alone = round(planted * world.amount.distractors)

    def draw() -> Sentence:
        return sentence(rng, 0.5, rng.randint(1, 2))

    # One draw for pairs and both sides' own sentences, so that no meaning comes twice.
    said = distinct(draw, planted + 2 * alone, world.grammars[language], world.grammars["en"])
    pairs, own = said[:planted], said[planted:]
    sides = {
        language: _numbered(rng, language, [foreign for foreign, _ in pairs + own[:alone]]),
        "en": _numbered(rng, "en", [english for _, english in pairs + own[alone:]]),
    }
    for side, ids in sides.items():
        rows = (f"{number}\t{text}" for text, number in sorted(ids.items(), key=lambda entry: entry[1]))
        yield File(f"download/bucc2018/{language}-en.{split}.{side}", lines(rows))
    gold = lines(sorted(f"{sides[language][foreign]}\t{sides['en'][english]}" for foreign, english in pairs))
    yield File(
        f"download/bucc2018/{language}-en.dev.gold" if split == "dev" else f"labels/bucc2018/test-{language}.tsv", gold
    )


def _numbered(rng: Random, language: str, texts: list[str]) -> dict[str, str]:
    """Text to id, in random order."""
    rng.shuffle(texts)
    return {text: f"{language}-{number:09d}" for number, text in enumerate(texts, start=1)}
