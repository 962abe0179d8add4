"""The trained demo on the tiny world with a step or two a phase: what it leaves, again, and after a kill."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from tests.processes import ended
from xharness.cli.demo import conclude, in_lines, standings_table
from xharness.cli.phases import phases_table
from xharness.demo.chance import ChanceStanding
from xharness.demo.make import Made, make
from xharness.demo.training import PHASES, recipe_files
from xharness.evaluation.evaluate import Reporter
from xharness.tasks.common.errors import UserError
from xharness.train.phase_facts import Facts

SHARE = 0.0005  # two steps of everything
PHASE_NAMES = ["mlm", "anli_plus", "squad_v1", "tydiqa", "pawsx", "xnli", "udpos", "panx"]


def quick(out: Path, reporter: Reporter | None = None) -> Made:
    return make(out, size="tiny", share=SHARE, reporter=reporter)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    out = tmp_path_factory.mktemp("made") / "demo"
    return out, quick(out)


def results(out: Path) -> dict[str, bytes]:
    """What must be the same every time: scores, predictions and weights."""
    files = [*out.rglob("run/scores.json"), *out.rglob("*.safetensors")]
    files += [path for path in (out / "run" / "predictions").rglob("*") if path.is_file()]
    return {str(path.relative_to(out)): path.read_bytes() for path in files if ".training" not in path.parts}


def test_everything_is_where_the_docs_say(first: tuple[Path, Made]) -> None:
    out, made = first
    assert {path.name for path in out.iterdir()} == {"data", "start", "chain", "models", "run"}
    suite = {"encoder", "xnli", "pawsx", "udpos", "panx", "xquad", "tydiqa"}
    assert {path.name for path in (out / "models").iterdir()} == suite
    assert all((out / "models" / name / "model.safetensors").is_file() for name in suite)
    scores = json.loads((out / "run" / "scores.json").read_text())
    assert sum(len(cells) for cells in scores["xharness"]["cells"].values()) == 162
    assert made.run == out / "run"
    assert [one.name.partition("+")[0] for one in made.facts] == ["world", *PHASE_NAMES, "evaluation"]
    assert [one.steps for one in made.facts] == [None, *[2] * 8, None]
    assert all(one.seconds is not None and one.seconds > 0 for one in made.facts)
    assert set(made.facts[6].dev) == {"xnli"}


def test_the_second_call_does_nothing(first: tuple[Path, Made]) -> None:
    out, _ = first
    before = {path: path.stat().st_mtime_ns for path in (out / "chain" / "phases").rglob("*")}
    said: list[str] = []
    again = quick(out, Reporter(lambda what, _fraction: said.append(what)))
    assert {path: path.stat().st_mtime_ns for path in (out / "chain" / "phases").rglob("*")} == before
    assert [one.seconds for one in again.facts[1:-1]] == 8 * [None]
    assert again.result.computed == 0
    assert not [what for what in said if "step" in what]


def _killed(out: Path, phase: str) -> None:
    """Dies for good when a phase begins."""

    def progress(what: str, _fraction: float) -> None:
        if f"→ {phase}" in what:
            os.kill(os.getpid(), signal.SIGKILL)

    quick(out, Reporter(progress))


@pytest.mark.parametrize("phase", ["anli_plus", "6 targets"])
def test_killed_in_another_process_and_continued_it_is_the_same(
    first: tuple[Path, Made], tmp_path: Path, phase: str
) -> None:
    """Another process has other hashes, too."""
    out = tmp_path / "demo"
    process = multiprocessing.get_context("spawn").Process(target=_killed, args=(out, phase))
    assert ended(process) == -signal.SIGKILL
    assert not (out / "run").exists()
    quick(out)
    assert results(out) == results(first[0])


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    with pytest.raises(UserError, match="models is not a link"):
        make(tmp_path, size="tiny", trained=False)


def test_the_recipe_files_has_that_share_of_the_steps() -> None:
    import tomllib

    whole, part = ({name: tomllib.loads(text) for name, text in recipe_files(share).items()} for share in (1.0, 0.01))
    assert whole["pretraining.toml"]["mlm"] == PHASES["xtreme"]["mlm"]
    assert part["pretraining.toml"]["mlm"]["steps"] == round(whole["pretraining.toml"]["mlm"]["steps"] / 100)
    assert part["recipes.toml"]["panx"]["steps"] == 2
    assert "steps" not in whole["recipes.toml"]["mlm"]  # those of the mixture count


GOOD = ChanceStanding("xnli", 60.0, (55.0, 65.0), 33.3, 90.0, ("en",), ("de",))
EARLIER = {"untrained": {"xnli": 55.5}}
BAD = ChanceStanding("pawsx", 52.0, (49.0, 55.0), 51.0, 60.0, ("en",), ("de", "fr"))


def test_a_task_that_is_not_above_chance_fails_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    conclude([GOOD], [], EARLIER, tmp_path, quiet=False)
    said = capsys.readouterr().out
    assert "not surely above chance in xnli: de" in said
    assert [line.split() for line in said.splitlines() if line.strip().startswith(("untrained", "before the"))] == [
        ["untrained", "55.5"],
        ["before", "the", "targets", "60.0"],
    ]
    with pytest.raises(UserError, match="not above chance: pawsx"):
        conclude([GOOD, BAD], [], EARLIER, tmp_path, quiet=True)


def test_tables_fit_on_80_columns() -> None:
    from rich.console import Console

    names = "anli_plus mnli qqp squad_v2 squad_v1 hellaswag ccg cosmosqa commonsenseqa".split()
    facts = [Facts("mlm", None, 5500, 0.86), Facts("+".join(names), 1234.5, 1200, 0.5, dict.fromkeys(names, 100.0))]
    standing = ChanceStanding("bucc2018", 100.0, (100.0, 100.0), 100.0, 100.0, ("de",) * 40, ())
    for table in (phases_table(facts), standings_table([standing])):
        console = Console(width=80, record=True)
        with console.capture() as shown:
            console.print(table)
        lines = shown.get().splitlines()
        assert max(map(len, lines)) <= 80
    assert "[100.0, 100.0]" in shown.get()
    assert "40/40" in shown.get()


def test_progress_says_what_began_once_and_stays_short() -> None:
    notes: list[str] = []
    said: list[str] = []
    reporter = in_lines(Reporter(lambda what, _fraction: said.append(what), notes.append))
    names = "anli_plus + mnli + qqp + squad_v2"
    for what in (
        f"mlm → {names}: step 1/2 loss 0.1",
        f"mlm → {names}: step 2/2 loss 0.1",
        "anli_plus → xnli: step 1/2",
    ):
        reporter.progress(what, 0.5)
    reporter.progress("loading xnli", 0.0)
    reporter.note("what the engine says")
    assert notes == ["training: anli_plus, mnli, qqp, squad_v2", "training: xnli"]
    assert said == [
        "mixture of 4: step 1/2 loss 0.1",
        "mixture of 4: step 2/2 loss 0.1",
        "xnli: step 1/2",
        "loading xnli",
    ]
