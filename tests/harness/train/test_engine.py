"""The training loop: what a step means, that nothing is lost, and that it trains as transformers' own Trainer does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.checkpoint import inspect
from harness.device import Device
from harness.loading import Loaded, encoder_class, load_tokenizer, without_model
from harness.predict.spans import SpanOptions
from harness.predict.stream import pad
from harness.train import unpadded
from harness.train.develop import DevScores
from harness.train.engine import Engine, Hooks, Settings
from harness.train.mixture import Mixture, MixtureOptions
from harness.train.model import SharedModel, build
from harness.train.objectives import Objective, make_objective
from harness.train.recipes import TrainRecipe
from harness.train.recipes import resolve as resolve_recipe
from tasks import udpos, xcopa, xnli
from tasks.base import ChoiceQuestion, SentencePair, SpanQuestion, TaggedSentence
from tasks.errors import UserError
from tasks.intermediate import squad_v1
from tests.conftest import Tiny
from tests.models import FAMILIES

SYLLABLES = ("ba", "ko", "lu", "gi", "ne", "tus", "dar", "mi")


def words(seed: int, count: int) -> str:
    return " ".join(SYLLABLES[(seed * 7 + place * place + 3 * place) % len(SYLLABLES)] for place in range(count))


def examples(kind: str) -> tuple[Any, list[Any]]:
    """A task and 64 made-up training examples of uneven length."""
    numbers = range(64)
    if kind == "sequence":
        labels = xnli.TASK.labels
        return xnli.TASK, [
            SentencePair(str(n), words(n, 3 + n % 17), words(n + 1, 2 + n % 5), labels[n % 3]) for n in numbers
        ]
    if kind == "token":
        tags = udpos.UPOS
        sentences = [tuple(words(n, 2 + n % 19).split()) for n in numbers]
        return udpos.TASK, [
            TaggedSentence(str(n), s, tuple(tags[(n + place) % 5] for place in range(len(s))))
            for n, s in enumerate(sentences)
        ]
    if kind == "qa":
        contexts = [words(n, 10 + n % 40) for n in numbers]
        return squad_v1.TASK, [
            SpanQuestion(str(n), words(n, 4), c, ((c.split()[-1], len(c) - len(c.split()[-1])),))
            for n, c in enumerate(contexts)
        ]
    return xcopa.TASK, [
        ChoiceQuestion(str(n), words(n, 5), words(n, 2), tuple(words(n + c, 2 + c) for c in range(2 + n % 2)), n % 2)
        for n in numbers
    ]


KINDS = ("sequence", "token", "qa", "choice")


class Setting:
    """Everything that an engine needs, built alike every time."""

    def __init__(
        self, tiny: Tiny, kinds: tuple[str, ...], folder: Path, architecture: str = "bert", **changes: Any
    ) -> None:
        self.parent = inspect(tiny(architecture, "encoder"))
        self.loaded = without_model(
            self.parent, load_tokenizer(self.parent), encoder_class(self.parent), Device("cpu", "fp32")
        )
        self.folder = folder
        self.objectives: dict[str, Objective] = {}
        for kind in kinds:
            task, made = examples(kind)
            self.objectives[task.name] = make_objective(
                task, made, self.loaded, max_length=128, spans=SpanOptions(max_length=48, doc_stride=16)
            )
        first = next(iter(self.objectives.values())).task
        recipe = resolve_recipe(first, blocks=2)
        base: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 32, "steps": 12, "dropout": 0.0}
        base |= {"attention_dropout": 0.0, "warmup_steps": 2, "select": "last"}
        self.recipe: TrainRecipe = replace(recipe, **(base | changes))

    def engine(self, batch_tokens: int = 512, save_every: int = 500, **settings: Any) -> Engine:
        model = build(self.parent, self.objectives, self.recipe, self.loaded.pad_id).model
        total = self.recipe.total_steps(1)
        mixture = Mixture(
            {name: len(made.units) for name, made in self.objectives.items()},
            MixtureOptions(strategy="uniform", homogeneous=False),
            batch_size=self.recipe.batch_size,
            steps=total,
            seed=self.recipe.seed,
        )
        chosen = Settings(batch_tokens=batch_tokens, save_every=save_every, **settings)
        return Engine(model, self.loaded, mixture, self.recipe, total, chosen, self.folder)


def losses(engine: Engine, steps: int) -> list[float]:
    """Loss of every step."""
    found = []
    record = engine._record

    def keep(loss: float, *rest: Any) -> None:
        found.append(loss)
        record(loss, *rest)

    engine._record = keep  # type: ignore[method-assign]
    engine.run(Hooks())
    assert len(found) == steps
    return found


def weights(model: SharedModel) -> Mapping[str, torch.Tensor]:
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("kind", KINDS)
def test_micro_batches_never_change_a_step(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    """One batch of 32, pieces of a few, and one example at a time: the same losses all the way."""
    curves = [losses(Setting(tiny, (kind,), tmp_path / str(budget)).engine(budget), 12) for budget in (100_000, 300, 1)]
    for curve in curves[1:]:
        assert curve == pytest.approx(curves[0], abs=1e-5)
    assert curves[0][-1] < curves[0][0]


def test_gradient_checkpointing_changes_memory_not_results(tiny: Tiny, tmp_path: Path) -> None:
    plain = losses(Setting(tiny, ("token",), tmp_path / "plain", dropout=0.1).engine(), 12)
    engine = Setting(tiny, ("token",), tmp_path / "checkpointed", dropout=0.1).engine(gradient_checkpointing=True)
    assert engine.raw.encoder.is_gradient_checkpointing
    assert losses(engine, 12) == pytest.approx(plain, abs=1e-5)


def test_compiling_changes_speed_not_results(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced and differentiated as compiled code is, but run by torch: making machine code takes a minute."""
    compile_ = torch.nn.Module.compile
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **more: compile_(self, backend="aot_eager", **more))
    plain = losses(Setting(tiny, ("token",), tmp_path / "plain").engine(), 12)
    engine = Setting(tiny, ("token",), tmp_path / "compiled").engine(compile=True)
    assert engine.raw.encoder._compiled_call_impl is not None
    assert losses(engine, 12) == pytest.approx(plain, abs=1e-4)


def test_steps_that_mix_tasks_weigh_every_example_alike(tiny: Tiny, tmp_path: Path) -> None:
    curves = [losses(Setting(tiny, KINDS, tmp_path / str(b)).engine(b), 12) for b in (100_000, 200)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-5)


def test_dropout_is_on_from_the_first_step(tiny: Tiny, tmp_path: Path) -> None:
    """Encoders come from their files in evaluation mode."""
    with_, without = (
        losses(Setting(tiny, ("token",), tmp_path / str(rate), steps=1, dropout=rate).engine(), 1)
        for rate in (0.5, 0.0)
    )
    assert with_ != pytest.approx(without, abs=1e-4)


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), KINDS], ids="+".join)
@pytest.mark.parametrize("stop", [1, 5, 11])
def test_interrupted_equals_undisturbed_to_the_last_bit(
    tiny: Tiny, tmp_path: Path, kinds: tuple[str, ...], stop: int
) -> None:
    """With dropout on. The interruption comes at any step; the saved state may be older than it."""
    calm = Setting(tiny, kinds, tmp_path / "calm", dropout=0.1).engine()
    calm.run(Hooks())
    disturbed = Setting(tiny, kinds, tmp_path / "disturbed", dropout=0.1).engine(save_every=3)

    def interrupt(_what: str, fraction: float) -> None:
        if round(fraction * 12) == stop:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        disturbed.run(Hooks(progress=interrupt))
    again = Setting(tiny, kinds, tmp_path / "disturbed", dropout=0.1).engine(save_every=3)
    again.run(Hooks())
    for name, weight in weights(calm.raw).items():
        assert torch.equal(weight, weights(again.raw)[name]), name
    steps = [json.loads(line)["step"] for line in (tmp_path / "disturbed" / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))


def test_control_c_saves_and_says_how_to_go_on(tiny: Tiny, tmp_path: Path) -> None:
    engine = Setting(tiny, ("sequence",), tmp_path).engine()

    def interrupt(_what: str, fraction: float) -> None:
        if fraction >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(UserError, match="interrupted after step 6 of 12") as caught:
        engine.run(Hooks(progress=interrupt))
    assert caught.value.fix == "run the same command again: it continues"
    assert Setting(tiny, ("sequence",), tmp_path).engine().run(Hooks()).step == 12


def test_out_of_memory_halves_the_micro_batch_not_the_step(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = losses(Setting(tiny, ("sequence",), tmp_path / "calm").engine(), 12)
    engine = Setting(tiny, ("sequence",), tmp_path / "short").engine(4096)
    backward = engine.accelerator.backward

    def small(loss: torch.Tensor, **options: Any) -> None:
        if engine.budget > 1000:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        backward(loss, **options)

    monkeypatch.setattr(engine.accelerator, "backward", small)
    notes: list[str] = []
    run = engine.run
    monkeypatch.setattr(engine, "run", lambda hooks: run(Hooks(note=notes.append)))
    assert losses(engine, 12) == pytest.approx(calm, abs=1e-5)
    assert [note.split(";")[0] for note in notes] == [
        "out of memory: micro-batches halved to 2048 tokens",
        "out of memory: micro-batches halved to 1024 tokens",
        "out of memory: micro-batches halved to 512 tokens",
    ]


def test_a_loss_that_is_not_finite_stops_with_its_examples(tiny: Tiny, tmp_path: Path) -> None:
    engine = Setting(tiny, ("sequence",), tmp_path, learning_rate=1e30, max_grad_norm=1e30).engine()
    with pytest.raises(UserError, match="is not finite") as caught:
        engine.run(Hooks())
    path = next(tmp_path.glob("not-finite-step-*.json"))
    assert str(path) in caught.value.why
    assert json.loads(path.read_text())["ids"]


def test_early_stopping_keeps_the_best(tiny: Tiny, tmp_path: Path) -> None:
    scores = iter([10.0, 30.0, 20.0, 30.0, 5.0, 5.0])
    log = tmp_path / "log.jsonl"
    setting = Setting(tiny, ("sequence",), tmp_path, select="dev", eval_every=2, patience=2)
    engine, kept = setting.engine(), {}

    def develop() -> DevScores:
        kept[engine.position.step] = weights(engine.raw)
        return DevScores(score := next(scores), {"xnli.en": score})

    position = engine.run(Hooks(develop))
    assert (position.best, position.best_step, position.step) == (30.0, 4, 8)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [entry["parts"] for entry in entries if "dev" in entry][:2] == [{"xnli.en": 10.0}, {"xnli.en": 30.0}]
    for name, weight in weights(engine.raw).items():
        assert torch.equal(weight, kept[4][name])


class Rows(torch.utils.data.Dataset[dict[str, Any]]):
    """The engine's own order of units, padded and labelled as transformers' models take them."""

    def __init__(self, setting: Setting, engine: Engine) -> None:
        self.setting, self.steps = setting, [engine.mixture.step(n) for n in range(engine.total)]

    def __len__(self) -> int:
        return sum(map(len, self.steps))

    def __getitem__(self, place: int) -> dict[str, Any]:
        step, row = divmod(place, self.setting.recipe.batch_size)
        task, index = self.steps[step][row]
        return {"unit": self.setting.objectives[task].units[index]}


def collate(loaded: Loaded, kind: str, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    units = [row["unit"] for row in rows]
    inputs = pad(loaded, [u.rows[0] for u in units], [u.types[0] for u in units])
    width = inputs["input_ids"].shape[1]
    if kind == "sequence":
        return {**inputs, "labels": torch.tensor([u.target[0] for u in units])}
    if kind == "token":
        return {**inputs, "labels": torch.tensor([[*u.target, *[-100] * (width - len(u.target))] for u in units])}
    first, last = (torch.tensor([u.target[end] for u in units]) for end in (0, 1))
    return {**inputs, "start_positions": first, "end_positions": last}


@pytest.mark.parametrize("kind", ["sequence", "token", "qa"])
def test_the_loss_curve_is_that_of_transformers_trainer(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    """Fifty steps on the same order of data, dropout off."""
    from transformers import Trainer, TrainingArguments

    setting = Setting(tiny, (kind,), tmp_path / "ours", steps=50, warmup_steps=5, weight_decay=0.01)
    if kind == "qa":  # transformers' loss counts padding as possible answers, so give it windows of one length
        units = [unit for unit in setting.objectives["squad_v1"].units if len(unit.rows[0]) == 48]
        setting.objectives["squad_v1"].units = units
    engine = setting.engine()
    (head,) = build(setting.parent, setting.objectives, setting.recipe, setting.loaded.pad_id).model.heads.values()
    ours = losses(engine, 50)
    recipe = setting.recipe
    arguments = TrainingArguments(
        output_dir=str(tmp_path / "theirs"), max_steps=50, per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate, warmup_steps=recipe.warmup_steps, weight_decay=recipe.weight_decay,
        adam_beta1=recipe.adam_beta1, adam_beta2=recipe.adam_beta2, adam_epsilon=recipe.adam_epsilon,
        max_grad_norm=recipe.max_grad_norm, lr_scheduler_type="linear", logging_steps=1, save_strategy="no",
        use_cpu=True, train_sampling_strategy="sequential", remove_unused_columns=False, report_to=[],
        disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(
        model=head,
        args=arguments,
        train_dataset=Rows(setting, engine),
        data_collator=lambda rows: collate(setting.loaded, kind, rows),
    )
    trainer.train()
    theirs = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(theirs) == 50
    assert ours == pytest.approx(theirs, abs=1e-4)


def test_every_seed_has_dropout_of_its_own() -> None:
    from harness.train.engine import _seed

    def mask(seed: int, step: int, place: int) -> list[float]:
        torch.manual_seed(_seed(seed, step, place))
        return torch.rand(4).tolist()

    masks = [mask(seed, step, place) for seed in (1, 2) for step in (0, 1) for place in (0, 1)]
    assert len({tuple(found) for found in masks}) == len(masks)


@pytest.mark.parametrize("kind", ["sequence", "token", "choice"])
@pytest.mark.parametrize("architecture", [family for family in unpadded.FAMILIES if family in FAMILIES])
def test_the_loss_depends_on_no_token_but_those_it_says(
    tiny: Tiny, tmp_path: Path, architecture: str, kind: str
) -> None:
    """Otherwise an encoder without padding would leave out what is needed."""
    engine = Setting(tiny, (kind,), tmp_path, architecture).engine()
    kept: list[torch.Tensor] = []
    engine.raw.encoder.encoder.register_forward_hook(lambda _module, _inputs, output: kept.append(output[0]))
    piece = next(engine.pieces(0))
    loss = engine.loss(piece, 0)
    (gradient,) = torch.autograd.grad(loss, kept)
    reached = gradient.abs().sum(-1) > 0
    read = engine.raw.objectives[piece.task].read(piece.units, reached.shape[1])
    assert read is not None
    assert torch.equal(reached, read)
    assert reached.any(1).all()
