"""Run folders and baselines: a changed one is refused, or tells the same as before."""

from __future__ import annotations

from tests.fuzz.target import Accepted, Target, same

RUN = "runs/a/**/*"
CONTINUE = (
    "evaluate", "--model", "suite", "--data", "data", "--out", "out/runs/a", "--device", "cpu", "--json", "--quiet",
)  # fmt: skip
READERS: dict[str, tuple[str, ...]] = {
    "compare": ("compare", "runs/a", "runs/b", "--resamples", "100", "--format", "json", "--out", "out/c.json"),
    "compare junit": ("compare", "runs/b", "runs/a", "--resamples", "100", "--format", "junit", "--out", "out/c.xml"),
    "diff": ("diff", "runs/a", "runs/b", "--task", "xquad", "--lang", "de", "--format", "json", "--out", "out/d.json"),
    "report": ("report", "runs/a", "runs/b", "--resamples", "100", "--out", "out/r.md", "--quiet"),
    "report html": ("report", "runs/a", "--out", "out/r.html", "--quiet"),
    "report latex": ("report", "runs/a", "--out", "out/r.tex", "--quiet"),
    "leaderboard": ("leaderboard", "runs/a", "runs/b", "--resamples", "100", "--format", "json", "--out", "out/l.json"),
    "leaderboard csv": ("leaderboard", "runs/a", "--resamples", "100", "--format", "csv", "--out", "out/l.csv"),
    "leaderboard html": ("leaderboard", "runs/a", "--resamples", "100", "--format", "html", "--out", "out/l.html"),
    "score run": ("score", "runs/a", "data/labels", "--lenient", "--json"),
}
BASELINE: dict[str, tuple[str, ...]] = {
    "baseline compare": (
        "compare",
        "main.npz.xz",
        "runs/a",
        "--resamples",
        "100",
        "--format",
        "json",
        "--out",
        "out/c.json",
    ),
}


def targets() -> list[Target]:
    """Everything that reads a run."""
    files = {"manifest": "runs/a/manifest.json", "scores": "runs/a/scores.json", "items": "runs/a/items/*/*"}
    found = []
    for reader, command in READERS.items():
        for name, file in files.items():
            oracle = same if reader != "score run" else None
            found.append(Target(f"{reader} {name}", file, command, oracle or _same_scores, share=0.5))
    predictions = "runs/a/predictions/*/*"
    found.append(Target("diff predictions", predictions, READERS["diff"], same, share=0.5))
    found.append(Target("report predictions", predictions, READERS["report html"], same, share=0.5))
    for name, file in {**files, "predictions": predictions}.items():
        inside = f"out/{file}"
        found.append(Target(f"continue {name}", inside, CONTINUE, _same_run, copied=("runs/a",), share=0.3))
    found += [Target(name, "main.npz.xz", command, share=3) for name, command in BASELINE.items()]
    return found


def _same_scores(accepted: Accepted) -> str:
    return "" if accepted.called.out == accepted.before.out else "scores something else"


def _same_run(accepted: Accepted) -> str:
    """The run continues to the same scores and predictions, whatever had to be made again."""
    if accepted.called.out != accepted.before.out:
        return "continues to other scores"
    names = [name for name in accepted.written_before if "/predictions/" in name or name.endswith("scores.json")]
    other = [name for name in names if accepted.written.get(name) != accepted.written_before[name]]
    return f"continues to another {other[0]}" if other else ""
