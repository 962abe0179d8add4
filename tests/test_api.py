"""Python code that calls what the commands call: keywords, typed results, tables for notebooks, a light import."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

import xharness
from tests.harness.conftest import Demo
from xharness.comparison.comparison import CompareOptions
from xharness.evaluation.options import EvaluateOptions
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.train.options import FinetuneOptions


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    from xharness.demo.checkpoints import write_models
    from xharness.demo.world import write_world

    folder = tmp_path_factory.mktemp("demo")
    write_world(folder / "data", size="tiny")
    write_models(folder / "models", folder / "data")
    return Demo(folder / "data", folder / "models")


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_functions_are_there_in_whatever_order_modules_are_imported() -> None:
    for first in (
        "",
        "import xharness.evaluation, xharness.comparison\n",
        "from xharness.evaluation.evaluate import Result\n",
    ):
        code = "from xharness import evaluate, finetune, compare, score\nprint(evaluate.__module__, compare.__name__)"
        assert python(first + code) == "xharness.api compare\n"
    assert (
        python("import xharness\nfrom xharness.evaluation.evaluate import Reporter\nprint(callable(xharness.evaluate))")
        == "True\n"
    )


def test_importing_the_package_is_light() -> None:
    heavy = "{'torch', 'transformers', 'numpy', 'xharness.api', 'typer'}"
    assert python(f"import sys, xharness\nprint({heavy} & sys.modules.keys())") == "set()\n"
    with pytest.raises(AttributeError, match="has no attribute 'evaluat'"):
        import xharness

        xharness.evaluat  # noqa: B018


def test_evaluate_by_keywords(demo: Demo, tmp_path: Path) -> None:
    from xharness import evaluate

    chosen: dict[str, Any] = {"tasks": ["xnli", "tatoeba"], "langs": "de,fr", "resamples": 10}
    result = evaluate(model=str(demo.models), data=str(demo.data), out=str(tmp_path / "run"), **chosen)
    assert result.computed == 4
    assert repr(result) == "Result(computed=4)"
    html = result._repr_html_()
    assert html.count("<tr>") == 3
    assert f"{result.scores['xnli']['avg_metric']:.2f}" in html
    again = evaluate(model=demo.models, data=demo.data, out=tmp_path / "run", **chosen)
    assert again.computed == 0
    assert again.scores == result.scores


@pytest.mark.parametrize(
    ("name", "kind"), [("evaluate", EvaluateOptions), ("finetune", FinetuneOptions), ("compare", CompareOptions)]
)
def test_signatures_are_those_of_the_options(name: str, kind: type[Any]) -> None:
    """Names, defaults and kinds; a field whose default is made anew stands there as None."""
    parameters = inspect.signature(getattr(xharness, name)).parameters
    own = {"base", "new", "reporter"} | ({"tasks_from"} if name == "compare" else set())
    assert [each for each in parameters if each not in own] == [field.name for field in fields(kind)]
    for field in fields(kind):
        given = parameters[field.name]
        fresh = field.default_factory is not MISSING
        assert given.default == (
            None if fresh else inspect.Parameter.empty if field.default is MISSING else field.default
        )
        assert given.kind is inspect.Parameter.KEYWORD_ONLY
        stated = {*str(given.annotation).split(" | ")}
        assert {*str(field.type).replace("Mapping[str, Path]", "Mapping[str, str | Path]").split(" | ")} <= stated


def test_names_are_completed_and_wrong_ones_refused() -> None:
    assert {"evaluate", "finetune", "compare", "score", "__version__"} <= {*dir(xharness)}
    with pytest.raises(TypeError, match="modle"):
        xharness.evaluate(**{"modle": "x"})  # type: ignore[arg-type]  # that is the test


@pytest.mark.parametrize("start", ["module", "cli", "script", "python"])
def test_it_runs_where_files_bear_the_names_of_rooms(tmp_path: Path, start: str) -> None:
    for name in ("tasks", "harness", "submissions"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('this is the file of the user')\n")
    (tmp_path / "run.py").write_text("import sys\nfrom xharness.cli import main\nmain()\n")
    script = Path(sysconfig.get_path("scripts")) / "xharness"
    command = {
        "module": [sys.executable, "-m", "xharness"],
        "cli": [sys.executable, "-m", "xharness.cli"],
        "script": [str(script)],
        "python": [sys.executable, "run.py"],
    }[start]
    found = subprocess.run([*command, "tasks", "list", "--json"], cwd=tmp_path, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
    assert "xnli" in found.stdout


def test_finetune(demo: Demo, tmp_path: Path) -> None:
    from xharness import finetune

    out = tmp_path / "ckpt"
    trained = finetune(model=demo.models / "encoder", tasks="xnli", data=demo.data, out=out, sets="steps=2")
    assert trained.folder == out
    assert trained.provenance["task"] == "xnli"
    assert trained.log
    assert repr(trained) == f"Trained({str(out)!r})"
    assert "<td" in trained._repr_html_()
    assert "xnli" in trained._repr_html_()


def test_score(demo: Demo, tmp_path: Path) -> None:
    from xharness import evaluate, score

    run = tmp_path / "run"
    found = evaluate(model=demo.models, data=demo.data, out=run, tasks="xnli", resamples=10)
    scored = score(str(run), demo.data / "labels", tasks=["xnli"], resamples=10)
    assert scored.scores["xnli"] == found.scores["xnli"]
    assert repr(scored) == "Scored(xnli; 0 problems)"
    assert "<table>" in scored._repr_html_()
    copy = shutil.copytree(run / "predictions", tmp_path / "copy")
    (copy / "xnli" / "test-de.tsv").unlink()
    with pytest.raises(BadFiles) as error:
        score(copy, demo.data / "labels", tasks="xnli")
    assert len(error.value.problems) == 1
    assert len(score(copy, demo.data / "labels", tasks="xnli", lenient=True, resamples=0).problems) == 1
    with pytest.raises(UserError, match="unknown benchmark 'xtreem'"):
        score(run, demo.data / "labels", version="xtreem")


def test_compare(demo: Demo, tmp_path: Path) -> None:
    from xharness import compare, evaluate

    options: dict[str, Any] = {"data": demo.data, "tasks": "tatoeba", "langs": "de,fr", "resamples": 10}
    base = evaluate(model=demo.models, out=tmp_path / "base", layer="1", **options)
    evaluate(model=demo.models, out=tmp_path / "new", layer="2", **options)
    compared = compare(base, str(tmp_path / "new"), resamples=200, across=True)
    (row,) = compared.tasks
    assert row.name == "tatoeba"
    assert "<table" in compared._repr_html_()


def test_values_in_tables_are_escaped() -> None:
    from xharness.tables.html import facts_table

    assert '<td style="text-align: left">&lt;b&gt;</td>' in facts_table("x", {"a": "<b>"})
