"""Masked language modelling: packing, masking, and logits at hidden positions only."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.conftest import Tiny
from tests.harness.conftest import Demo
from tests.harness.train.phases import QUICK, options
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.predict.stream import pad
from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import mlm
from xharness.train.finetune import finetune
from xharness.train.model import build
from xharness.train.objectives.base import IGNORED
from xharness.train.objectives.masked_lm import MaskedObjective, blocks, vocabulary_of
from xharness.train.prepare import prepare
from xharness.train.recipes import resolve

LINES = ["ba ko lu gi ne tus dar mi " * 3] * 20


def loaded_of(folder: Path) -> Loaded:
    parent = inspect(folder)
    return without_model(parent, load_tokenizer(parent), encoder_class(parent), Device("cpu", "fp32"))


@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "deberta-v2", "rembert", "modernbert"])
def test_logits_at_hidden_positions_are_those_of_the_whole_head(tiny: Tiny, architecture: str) -> None:
    folder = tiny(architecture, "encoder")
    loaded = loaded_of(folder)
    instances = blocks("xx", LINES, loaded, max_length=32, probability=0.15)
    objective = MaskedObjective(mlm.TASK, instances, loaded, seed=1)
    model = build(inspect(folder), {"mlm-xx": objective}, resolve(mlm.TASK, blocks=2), loaded.pad_id).model.eval()
    seen = [objective.instance_at_step(number, 3) for number in range(4)]
    inputs = pad(loaded, [instance.rows[0] for instance in seen], [instance.types[0] for instance in seen])
    head = model.heads["mlm-xx"]
    width = inputs["input_ids"].shape[1]
    targets = torch.tensor([[*instance.target, *[IGNORED] * (width - len(instance.target))] for instance in seen])
    whole = torch.nn.functional.cross_entropy(
        head(**inputs).logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    assert model("mlm-xx", inputs, seen).item() == pytest.approx(whole.item(), rel=1e-5)


@pytest.mark.parametrize("family", ["albert", "convbert", "electra"])
def test_heads_of_other_shapes_give_the_same_logits(family: str) -> None:
    import transformers

    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "intermediate_size": 48}
    config = transformers.AutoConfig.for_model(family, **sizes, vocab_size=90, embedding_size=16, conv_kernel_size=3)
    head = transformers.AutoModelForMaskedLM.from_config(config).eval()
    ids = torch.arange(5, 17)[None]
    states = head.base_model(input_ids=ids).last_hidden_state
    torch.testing.assert_close(vocabulary_of(head)(states[0]), head(input_ids=ids).logits[0])


def test_a_head_that_is_not_known_is_refused_before_training() -> None:
    with pytest.raises(UserError, match="keeps its vocabulary where xharness does not look"):
        vocabulary_of(torch.nn.Linear(2, 2))


def test_fifteen_percent_are_hidden_eighty_ten_ten(tiny: Tiny) -> None:
    loaded = loaded_of(tiny("xlm-roberta", "encoder"))
    instances = blocks("xx", LINES * 20, loaded, max_length=128, probability=0.15)
    objective = MaskedObjective(mlm.TASK, instances, loaded, seed=1)
    mask, special = loaded.tokenizer.mask_token_id, set(loaded.tokenizer.all_special_ids)
    masked = same = other = tokens = 0
    for step in range(5):
        for number, instance in enumerate(instances):
            view = objective.instance_at_step(number, step)
            for before, now, target in zip(instance.rows[0], view.rows[0], view.target, strict=True):
                tokens += before not in special
                if target == IGNORED:
                    assert now == before
                    continue
                assert target == before
                assert before not in special
                masked += now == mask
                same += now == before
                other += now not in (mask, before)
    hidden = masked + same + other
    assert hidden / tokens == pytest.approx(0.15, abs=0.005)
    assert (masked / hidden, same / hidden, other / hidden) == pytest.approx((0.8, 0.1, 0.1), abs=0.02)


def test_masks_differ_by_step_and_by_nothing_else(tiny: Tiny) -> None:
    loaded = loaded_of(tiny("bert", "encoder"))
    instances = blocks("xx", LINES, loaded, max_length=64, probability=0.15)
    objective, again = (MaskedObjective(mlm.TASK, instances, loaded, seed=1) for _ in range(2))
    assert objective.instance_at_step(0, 5) == again.instance_at_step(0, 5)
    assert objective.instance_at_step(0, 5) != objective.instance_at_step(0, 6)
    assert sum(target != IGNORED for target in objective.instance_at_step(0, 5).target) == instances[0].weight


def test_blocks_hold_every_token_and_end_at_documents(tiny: Tiny) -> None:
    loaded = loaded_of(tiny("xlm-roberta", "encoder"))
    lines = ["ba ko lu " * 30, "gi ne", "", "tus dar mi " * 4]
    instances = blocks("xx", lines, loaded, max_length=40, probability=0.15)
    assert max(len(instance.rows[0]) for instance in instances) == 40
    plain = [
        token for instance in instances for token in instance.rows[0] if token not in loaded.tokenizer.all_special_ids
    ]
    expected = [
        token for line in lines if line for token in loaded.tokenizer(line, add_special_tokens=False)["input_ids"]
    ]
    assert plain == expected


def test_text_alone_and_beside_a_task(demo: Demo, tmp_path: Path) -> None:
    from transformers import AutoModelForMaskedLM

    alone = finetune(options(demo, tmp_path / "mlm", "mlm", mlm_langs="en,de"))
    _, report = AutoModelForMaskedLM.from_pretrained(alone, output_loading_info=True)
    assert not report["missing_keys"]
    phase = prepare(options(demo, tmp_path, "mlm", "xnli", mlm_langs="en,de,th", mlm_ratio=0.25))
    weights = phase.mixture.weights
    assert sum(weights[name] for name in ("mlm-en", "mlm-de", "mlm-th")) == pytest.approx(0.25)
    assert weights["xnli"] == pytest.approx(0.75)
    mixed = finetune(options(demo, tmp_path / "mix", "mlm", "xnli", mlm_langs="en,de", sets=QUICK))
    assert {path.name for path in mixed.iterdir() if path.is_dir()} == {"mlm", "xnli"}
