"""TOML into values: what fits, what does not, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.typed_toml import read_toml, typed


@dataclass(frozen=True)
class Part:
    name: str
    size: int | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Whole:
    title: str
    parts: tuple[Part, ...] = ()
    named: Mapping[str, Part] = field(default_factory=dict)
    numbers: Mapping[str, int | float | str | None] = field(default_factory=dict)
    last: Part | None = None
    really: bool = False
    side: Literal["left", "right"] = "left"


def test_every_kind_of_value() -> None:
    made = typed(
        {
            "title": "t",
            "parts": [{"name": "a", "size": 3}, {"name": "b", "share": 1}],
            "named": {"x": {"name": "c", "size": "none"}},
            "numbers": {"one": 1, "half": 0.5, "word": "w"},
            "last": {"name": "d"},
            "really": True,
            "side": "right",
        },
        Whole,
        "f",
    )
    assert made.parts == (Part("a", 3), Part("b", share=1.0))
    assert made.named == {"x": Part("c", None)}
    assert made.numbers == {"one": 1, "half": 0.5, "word": "w"}
    assert (made.last, made.really, made.side) == (Part("d"), True, "right")
    assert isinstance(made.parts[1].share, float)


@pytest.mark.parametrize(
    ("table", "what", "fix"),
    [
        ({"title": "t", "partz": []}, "unknown key 'partz' in f", "did you mean 'parts'?"),
        ({}, "f has no title", "add title = ..."),
        ({"title": 1}, "f: title cannot be 1", "give a text"),
        ({"title": "t", "really": 1}, "f: really cannot be 1", "give true or false"),
        ({"title": "t", "parts": {}}, "f: parts cannot be {}", "give a list"),
        ({"title": "t", "parts": ["a"]}, "f: parts[0] cannot be 'a'", "give a table"),
        ({"title": "t", "parts": [{"name": "a"}, {}]}, "f: parts[1] has no name", "add name = ..."),
        ({"title": "t", "named": []}, "f: named cannot be []", "give a table"),
        ({"title": "t", "named": {"x": {"name": "c", "size": 1.5}}}, "f: named.x: size cannot be 1.5", "whole number"),
        ({"title": "t", "named": {"x": {"name": "c", "size": True}}}, "f: named.x: size cannot be True", "whole"),
        ({"title": "t", "numbers": {"one": [1]}}, "f: numbers.one cannot be [1]", "a whole number or a number"),
        ({"title": "t", "side": "rihgt"}, "f: side cannot be 'rihgt'", "did you mean 'right'?"),
        ({"title": "t", "side": 1}, "f: side cannot be 1", "give a text"),
        ({"title": "t", "last": {"name": "d", "siz": 1}}, "unknown key 'siz' in f: last", "did you mean 'size'?"),
    ],
)
def test_what_does_not_fit_is_named(table: dict[str, object], what: str, fix: str) -> None:
    with pytest.raises(UserError) as refused:
        typed(table, Whole, "f")
    assert refused.value.what == what
    assert fix in refused.value.fix


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    with pytest.raises(UserError, match="cannot read"):
        read_toml(path, Whole)
    path.write_bytes(b'\xef\xbb\xbftitle = "t"\n')
    assert read_toml(path, Whole) == Whole("t")
    for broken in (b"title = ", b"title = '\xff'"):
        path.write_bytes(broken)
        with pytest.raises(UserError, match="cannot read") as refused:
            read_toml(path, Whole)
        assert refused.value.why.startswith("it is not TOML")
