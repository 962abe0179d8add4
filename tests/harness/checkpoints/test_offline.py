"""Nothing but ``fetch`` lets Hugging Face's libraries onto the network, on the command line and in Python alike."""

from __future__ import annotations

import os
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from tests.harness.conftest import Call
from xharness import evaluate, finetune
from xharness.checkpoints.offline import SWITCHES, offline, online
from xharness.tasks.common.errors import UserError


@pytest.fixture(autouse=True)
def networked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has not switched anything off."""
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


def state() -> tuple[bool, str | None]:
    return huggingface_hub.is_offline_mode(), os.environ.get("HF_HUB_OFFLINE")


def test_off_and_as_it_was() -> None:
    with offline():
        assert state() == (True, "1")
        with offline():
            assert state() == (True, "1")
        assert state() == (True, "1")
        with online(), online():
            assert state() == (False, None)
        assert state() == (True, "1")
    assert state() == (False, None)


def test_a_user_who_is_offline_stays_so_when_fetching(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with offline(), online():
        assert state() == (True, None)


def test_an_error_leaves_nothing_switched_off() -> None:
    with pytest.raises(ValueError), offline():
        raise ValueError
    assert state() == (False, None)


def watch(monkeypatch: pytest.MonkeyPatch, place: str) -> list[tuple[bool, str | None]]:
    """What the state is when the function of this place is called, which then gives up."""
    seen: list[tuple[bool, str | None]] = []

    def stop(*_: object, **__: object) -> None:
        seen.append(state())
        raise UserError("stop", "it was seen", "none")

    monkeypatch.setattr(place, stop)
    return seen


def test_evaluate_and_finetune_are_offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import xharness.train.finetune

    seen = watch(monkeypatch, "xharness.evaluation.options.EvaluateOptions.check")
    with pytest.raises(UserError, match="stop"):
        evaluate(model=tmp_path, data=tmp_path, out=tmp_path / "out")
    seen += watch(monkeypatch, "xharness.train.options.FinetuneOptions.check")
    with pytest.raises(UserError, match="stop"):
        finetune(model=tmp_path, data=tmp_path, out=tmp_path / "out", tasks="xnli")
    assert seen and all(each == (True, "1") for each in seen)
    assert state() == (False, None)
    assert xharness.train.finetune is not None


def test_every_command_but_fetch_is_offline(monkeypatch: pytest.MonkeyPatch, call: Call, tmp_path: Path) -> None:
    seen = watch(monkeypatch, "xharness.checkpoints.checkpoint.find")
    assert call("models", "show", tmp_path).code == 1
    fetching = watch(monkeypatch, "huggingface_hub.HfApi.model_info")
    assert call("models", "fetch", "someone/model", "--quiet").code == 1
    assert fetching == [(False, None)]
    assert seen and all(each == (True, "1") for each in seen)
