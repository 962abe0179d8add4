"""Checkpoints: config, tokenizer, weights, provenance."""

from __future__ import annotations

from tests.fuzz.target import Accepted, Target

MORE = (
    "--data",
    "data",
    "--tasks",
    "xnli",
    "--langs",
    "de",
    "--device",
    "cpu",
    "--quiet",
    "--json",
    "--out",
    "out/run",
)
EMBEDDED = tuple("tatoeba" if word == "xnli" else word for word in MORE)


def targets() -> list[Target]:
    """A checkpoint that we made knows its files' hashes; one of others is read with care."""
    return [
        Target("evaluate ckpt", "ckpt/*", ("evaluate", "--model", "ckpt", *MORE), same_scores, share=3),
        Target("evaluate theirs", "suite/xnli/*", ("evaluate", "--model", "suite/xnli", *MORE), share=5),
        Target("show ckpt", "ckpt/*", ("models", "show", "ckpt", "--json"), share=2),
        Target("show theirs", "suite/xnli/*", ("models", "show", "suite/xnli"), share=2),
        Target("show suite", "suite/*/*.json", ("models", "show", "suite"), share=1),
        Target("evaluate embedding", "embedding/*_*/*", ("evaluate", "--model", "embedding", *EMBEDDED), share=3),
        Target("show embedding", "embedding/*s*.json", ("models", "show", "embedding"), share=2),
        Target("finetune from", "ckpt/*", _plan("ckpt", "xnli"), share=2),
        Target("finetune theirs", "suite/encoder/*", _plan("suite/encoder", "xquad"), share=2),
    ]


def _plan(model: str, task: str) -> tuple[str, ...]:
    quick = ("--set", "steps=1", "--set", "batch_size=2", "--device", "cpu", "--plan")
    return ("finetune", "--model", model, "--task", task, "--data", "data", "--out", "out/next", *quick)


def same_scores(accepted: Accepted) -> str:
    """Every file that decides what it answers has its hash in xharness.json."""
    if accepted.file.name in ("training.jsonl", "xharness.json"):
        return ""
    predictions = [name for name in accepted.written_before if "/predictions/" in name]
    other = [name for name in predictions if accepted.written.get(name) != accepted.written_before[name]]
    return f"answers otherwise: {other[0]}" if other else ""
