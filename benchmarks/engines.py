"""Inference engines as peers: an encoder and its mean pooling, exported from torch, fed with our tokens and batches."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch

from xharness.compute.loading import Loaded
from xharness.predict.embed import Vectors, _tokenise
from xharness.predict.stream import stream

Engine: TypeAlias = Callable[..., torch.Tensor]
"""From a padded batch's tensors, by name, to vectors of shape (rows, width)."""


class Pooled(torch.nn.Module):
    """An encoder and the mean of its last hidden state, so that engines may fuse both."""

    def __init__(self, loaded: Loaded):
        super().__init__()
        self.model = loaded.model

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> torch.Tensor:
        hidden = self.model(input_ids, attention_mask, token_type_ids).last_hidden_state
        mask = attention_mask[:, :, None].to(hidden.dtype)
        pooled: torch.Tensor = (hidden * mask).sum(1) / mask.sum(1)
        return pooled


def example(loaded: Loaded) -> dict[str, torch.Tensor]:
    """A batch with padding, in the order of :meth:`Pooled.forward`, to trace the model with."""
    ids = torch.full((2, 7), loaded.pad_id)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    typed = "token_type_ids" in loaded.tokenizer.model_input_names
    return inputs | ({"token_type_ids": torch.zeros_like(ids)} if typed else {})


def openvino(loaded: Loaded, precision: str = "f32") -> Engine:
    """OpenVINO on as many threads as torch has. The model is one without our kernels."""
    import openvino

    inputs = example(loaded)
    with torch.no_grad():
        converted = openvino.convert_model(Pooled(loaded).eval(), example_input=inputs)
    settings = {
        "PERFORMANCE_HINT": "LATENCY",  # all threads work at one batch, as torch's do
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
    request = openvino.Core().compile_model(converted, "CPU", settings).create_infer_request()

    def run(**batch: torch.Tensor) -> torch.Tensor:
        found = request.infer([batch[name].numpy() for name in inputs], share_inputs=True)
        return torch.from_numpy(found[0])

    return run


def onnx_runtime(loaded: Loaded) -> Engine:
    """ONNX Runtime on as many threads as torch has, with all that it fuses. The model is one without our kernels."""
    import onnxruntime

    inputs, options = example(loaded), onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        torch.onnx.export(
            Pooled(loaded).eval(),
            tuple(inputs.values()),
            file,
            input_names=list(inputs),
            dynamic_axes={name: {0: "rows", 1: "tokens"} for name in inputs},
            dynamo=False,  # the exporter that needs no further packages
        )
        session = onnxruntime.InferenceSession(file, options)

    def run(**batch: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(session.run(None, {name: batch[name].numpy() for name in inputs})[0])

    return run


def with_our_plan(engine: Engine, loaded: Loaded, max_length: int, texts: Sequence[str]) -> Vectors:
    """Vectors by another engine: distinct texts, tokens, batches and padding are those of :func:`embed`."""
    distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    ids, types = _tokenise(loaded, list(distinct), max_length)
    vectors = np.empty((len(distinct), loaded.model.config.hidden_size), dtype=np.float32)

    def use(batch: Any, pooled: torch.Tensor) -> None:
        vectors[batch] = pooled.numpy()

    stream(loaded, ids, types, use, batch_tokens=loaded.device.batch_tokens, make=lambda _loaded: engine)
    return vectors[[distinct[text] for text in texts]]


def engines(loaded: Loaded, max_length: int, bf16: bool) -> dict[str, Callable[[Sequence[str]], Vectors]]:
    """Every engine at hand as a function of texts; OpenVINO in bf16 as well where the processor has it."""
    found = {"OpenVINO, our batches": openvino(loaded), "ONNX Runtime, our batches": onnx_runtime(loaded)}
    found |= {"OpenVINO in bf16, our batches": openvino(loaded, "bf16")} if bf16 else {}
    return {name: partial(with_our_plan, engine, loaded, max_length) for name, engine in found.items()}
