"""Python code that calls what the commands call: keywords, typed results, tables for notebooks, a light import."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.errors import BadFiles, UserError
from tests.harness.conftest import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    from harness.demo.checkpoints import write_models
    from harness.demo.world import write_world

    folder = tmp_path_factory.mktemp("demo")
    write_world(folder / "data", size="tiny")
    write_models(folder / "models", folder / "data")
    return Demo(folder / "data", folder / "models")


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_functions_are_there_in_whatever_order_modules_are_imported() -> None:
    for first in ("", "import harness.evaluate, harness.compare\n", "from harness.evaluate import Result\n"):
        code = "from harness import evaluate, finetune, compare, score\nprint(evaluate.__module__, compare.__name__)"
        assert python(first + code) == "harness.api compare\n"
    assert (
        python("import harness\nfrom harness.evaluate import Reporter\nprint(callable(harness.evaluate))") == "True\n"
    )


def test_importing_the_package_is_light() -> None:
    heavy = "{'torch', 'transformers', 'numpy', 'harness.api', 'typer'}"
    assert python(f"import sys, harness\nprint({heavy} & sys.modules.keys())") == "set()\n"
    with pytest.raises(AttributeError, match="has no attribute 'evaluat'"):
        import harness

        harness.evaluat  # noqa: B018


def test_evaluate_by_keywords_and_by_options(demo: Demo, tmp_path: Path) -> None:
    from harness import evaluate
    from harness.options import EvaluateOptions

    chosen = {"tasks": ["xnli", "tatoeba"], "langs": "de,fr", "resamples": 10}
    result = evaluate(model=str(demo.models), data=str(demo.data), out=str(tmp_path / "run"), **chosen)
    assert result.computed == 4
    assert repr(result) == "Result(computed=4)"
    html = result._repr_html_()
    assert html.count("<tr>") == 3
    assert f"{result.scores['xnli']['avg_metric']:.2f}" in html
    options = EvaluateOptions(
        model=demo.models, data=demo.data, out=tmp_path / "run", tasks="xnli,tatoeba", langs="de,fr"
    )
    again = evaluate(options, resamples=10)
    assert again.computed == 0
    assert again.scores == result.scores


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"modle": "x"},
            "unknown option 'modle'\n  why: EvaluateOptions has none of this name\n  fix: did you mean 'model'?",
        ),
        ({"model": "x", "out": "y"}, "data is missing\n  why: EvaluateOptions needs it\n  fix: give data=..."),
    ],
)
def test_wrong_keywords_are_named(options: dict[str, str], said: str) -> None:
    from harness import evaluate

    with pytest.raises(UserError) as error:
        evaluate(**options)
    assert str(error.value) == said


def test_finetune(demo: Demo, tmp_path: Path) -> None:
    from harness import finetune

    out = tmp_path / "ckpt"
    trained = finetune(model=demo.models / "encoder", tasks="xnli", data=demo.data, out=out, sets="steps=2")
    assert trained.folder == out
    assert trained.provenance["task"] == "xnli"
    assert trained.log
    assert repr(trained) == f"Trained({str(out)!r})"
    assert "<td" in trained._repr_html_()
    assert "xnli" in trained._repr_html_()


def test_score(demo: Demo, tmp_path: Path) -> None:
    from harness import evaluate, score

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
    from harness import compare, evaluate

    options = {"data": demo.data, "tasks": "tatoeba", "langs": "de,fr", "resamples": 10}
    base = evaluate(model=demo.models, out=tmp_path / "base", layer="1", **options)
    evaluate(model=demo.models, out=tmp_path / "new", layer="2", **options)
    compared = compare(base, str(tmp_path / "new"), resamples=200, across=True)
    (row,) = compared.tasks
    assert row.name == "tatoeba"
    assert "<table" in compared._repr_html_()


def test_values_in_tables_are_escaped() -> None:
    from harness.display import table

    assert '<td style="text-align: left">&lt;b&gt;</td>' in table("x", ("a",), [("<b>",)])
