"""The description of a model: what it must say, and what is said of everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.submissions.metadata import TEMPLATE, Metadata, read_metadata
from xharness.tasks.common.errors import BadFiles, UserError


def written(folder: Path, text: str) -> Path:
    path = folder / "model.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    assert old in TEMPLATE
    return TEMPLATE.replace(old, new)


def test_the_template_is_what_it_describes(tmp_path: Path) -> None:
    assert read_metadata(written(tmp_path, TEMPLATE)) == Metadata(
        name="Our Model Large",
        participant="Ada Lovelace",
        affiliation="Analytical Engines",
        parameters=560_000_000,
        pretraining_data="CommonCrawl, 100 languages",
        training_data_beyond_english=(),
        date="2024-05-31",
        retrieval_encoder="pretrained",
        links=("https://example.org/paper", "https://example.org/code"),
    )


def test_links_may_be_left_out_and_a_date_may_be_a_text(tmp_path: Path) -> None:
    text = changed("2024-05-31 ", '"2024-05-31" ').split("retrieval")[0]
    found = read_metadata(written(tmp_path, text))
    assert (found.links, found.retrieval_encoder) == ((), "")


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("participant =", "particpant =", 3, "unknown key 'particpant': did you mean 'participant'?"),
        ("560_000_000 ", '"560M" ', 6, "must be a whole number, such as 560_000_000; it is '560M'"),
        ("560_000_000 ", "true ", 6, "must be a whole number"),
        ("560_000_000 ", "-5 ", 6, "must be a whole number"),
        ("2024-05-31 ", '"31.5.2024" ', 5, "must be a day, such as 2024-05-31; it is 31.5.2024"),
        ("2024-05-31 ", '"2024-02-31" ', 5, "must be a day"),
        ("2024-05-31 ", "2024-05-31T10:00:00 ", 5, "must be a day"),
        ("= [] ", '= "none" ', 8, "must be a list of texts"),
        ("https://example.org/code", "example.org/code", 11, "has no web address: example.org/code"),
        ("https://example.org/code", "https://[broken", 11, "has no web address"),
        ('"pretrained"', '"frozen"', 10, 'must be "pretrained" or "tuned"'),
        ('"Analytical Engines"', '""', 4, "must be a text on one line"),
        ('affiliation = "Analytical Engines"', "", 0, "'affiliation' is missing"),
    ],
)
def test_everything_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, line: int, what: str) -> None:
    with pytest.raises(BadFiles) as caught:
        read_metadata(written(tmp_path, changed(old, new)))
    assert any(problem.line == line and what in problem.what for problem in caught.value.problems)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_metadata(tmp_path / "none.toml")
    with pytest.raises(UserError) as caught:
        read_metadata(written(tmp_path, "name = \n"))
    assert "it is not TOML" in caught.value.why
