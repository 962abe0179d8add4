"""A task of the user's own, declared in TOML, and its data."""

from __future__ import annotations

from pathlib import Path

TOPICS = """
name = "topics"
type = "text_classification"
languages = ["en", "de"]
labels = ["animals", "tools"]
files = { train = "train.tsv", dev = "{language}/dev.tsv", test = "{language}/test.tsv" }
columns = { first = "text", label = "topic" }
max_length = 16
[recipe]
learning_rate = 1e-3
epochs = 1
batch_size = 4
max_length = 16
"""


def topics_in(folder: Path) -> tuple[object, ...]:
    """The options of commands that know the task and its data."""
    (folder / "topics.toml").write_text(TOPICS)
    rows = "text\ttopic\n" + "".join(f"a b {n}\t{('animals', 'tools')[n % 2]}\n" for n in range(6))
    for name in ("train.tsv", "en/dev.tsv", "en/test.tsv", "de/test.tsv"):
        path = folder / "data" / "download" / "topics" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rows)
    return ("--tasks-from", folder / "topics.toml", "--data", folder / "data")
