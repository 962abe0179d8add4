"""Trainings that were interrupted or are finished: they end with the same weights, or with a message."""

from __future__ import annotations

from tests.fuzz.target import Accepted, Target
from tests.fuzz.world import training

RECIPE = (
    "finetune", "--model", "suite/encoder", "--task", "xnli", "--data", "data", "--out", "out/ckpt", "--device", "cpu",
    "--plan", "--recipe-file", "files/recipe.toml",
)  # fmt: skip
QUICK = ("--set", "steps=1", "--set", "batch_size=2")


def targets() -> list[Target]:
    """``finetune`` once more over what is there, and the files that it takes options from."""
    plan = RECIPE[:-2]
    return [
        Target(
            "continue half", "out/half/**/*", tuple(training("out/half", 3)), same_weights, copied=("half",), share=2
        ),
        Target("continue done", "out/ckpt/*", tuple(training("out/ckpt", 2)), same_weights, copied=("ckpt",), share=2),
        Target("recipe", "files/recipe.toml", RECIPE, share=2),
        Target("synonyms", "files/synonyms.tsv", (*plan, *QUICK, "--synonyms", "files/synonyms.tsv"), share=1),
        Target("select", "files/ids.txt", (*plan, *QUICK, "--select", "files/ids.txt"), share=1),
    ]


def same_weights(accepted: Accepted) -> str:
    """The bytes of the model that comes out."""
    names = [
        name
        for name in accepted.written_before
        if name.endswith(("model.safetensors", "config.json", "tokenizer.json"))
    ]
    other = [name for name in names if accepted.written.get(name) != accepted.written_before[name]]
    return f"ends with another {other[0]}" if other else ""
