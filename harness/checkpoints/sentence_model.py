"""How the authors of an embedding model make a vector of a text, read from what sentence-transformers leaves beside the
weights: ``modules.json``, the modules' own ``config.json``, ``sentence_bert_config.json`` and prompts. No torch.

A module that is not offered here is not a broken file: :attr:`SentenceModel.refused` names it, and only who asks for
the authors' pooling is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xharness.tasks.common import json_files
from xharness.tasks.common.errors import UserError, printable
from xharness.tasks.common.files import hash_file
from xharness.tasks.common.shapes import Each, misfit

MODULES, PROMPTS = "modules.json", "config_sentence_transformers.json"
LENGTHS = tuple(
    f"sentence_{name}_config.json" for name in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta")
)  # by the age of the folder; the same in all
DENSE_WEIGHTS = "model.safetensors"
MODULE_FILE = re.compile(r"\d+_(Pooling/config\.json|Dense/(config\.json|model\.safetensors))")
OURS = "sentence_transformers."  # classes of other packages are code of the model's own
ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU")
POOLINGS = {
    "mean": "mean", "cls": "cls", "max": "max", "weightedmean": "weighted-mean", "lasttoken": "last-token",
}  # fmt: skip
LEGACY_POOLINGS = {
    "pooling_mode_cls_token": "cls", "pooling_mode_max_tokens": "max", "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens", "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}  # fmt: skip
SHORTEST = 8  # pieces, as for --max-length
WIDEST = 100_000

MODULE_LIST = [{"type": str, "path": str}]
POOLING = {**{f"{name}?": bool for name in LEGACY_POOLINGS}, "pooling_mode?": (str, [str]), "include_prompt?": bool}
DENSE = {
    "in_features": int, "out_features": int, "bias?": bool, "activation_function?": str, "use_residual?": bool,
    "module_input_name?": (str, None), "module_output_name?": (str, None),
}  # fmt: skip
LENGTH = {"max_seq_length?": (int, None), "do_lower_case?": bool}
PROMPT = {"prompts?": Each(str), "default_prompt_name?": (str, None), "truncate_dim?": (int, None)}


@dataclass(frozen=True)
class Dense:
    """A linear layer with its activation, after pooling.

    Attributes:
        weights: The safetensors file with ``linear.weight`` (outputs, inputs) and perhaps ``linear.bias`` (outputs).
        activation: Name of a class in ``torch.nn``; one of ACTIVATIONS.
        normalised: Whether its input is made of length 1 before.
    """

    weights: Path
    inputs: int
    outputs: int
    activation: str
    normalised: bool

    @property
    def digest(self) -> str:
        """Hash of its weights."""
        return hash_file(self.weights)

    @property
    def identity(self) -> list[Any]:
        """Everything of it that can change a vector."""
        return [self.digest, self.activation, self.normalised]


@dataclass(frozen=True)
class SentenceModel:
    """What the authors' files say.

    Attributes:
        pooling: In the words of :mod:`xharness.predict.layers`.
        dense: Layers after pooling, in order.
        refused: Which of the modules is not offered here; empty if all are.
        longest: Longest input in word pieces; None if nothing says so.
        lower_case: Whether texts are put in lower case first.
        pools_prompt: Whether the pieces of a prompt are pooled with those of the text.
        width: Leading columns of a vector that are kept; None for all.
        prompts: By name.
        default_prompt: Name of the one that is put before every text unless another is asked for; empty for none.
    """

    pooling: str = "mean"
    dense: tuple[Dense, ...] = ()
    refused: str = ""
    longest: int | None = None
    lower_case: bool = False
    pools_prompt: bool = True
    width: int | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str = ""

    def key_fields(self, *, prompted: bool) -> dict[str, Any]:
        """What of it, beside pooling and prompt, can change a vector; what is as in other models is left out."""
        found = {
            "dense": [layer.identity for layer in self.dense],
            "width": self.width,
            "longest": self.longest,
            "lower_case": self.lower_case,
            "prompt_skipped": prompted and not self.pools_prompt,
        }
        return {name: value for name, value in found.items() if value}

    def signature_parts(self, *, prompted: bool) -> dict[str, str]:
        """The same for the signature of a number, but for the length, which a task may bound further."""
        found = {
            "dense": "+".join(f"{layer.outputs}-{layer.activation}-{layer.digest[:8]}" for layer in self.dense),
            "width": str(self.width or ""),
            "case": "lower" if self.lower_case else "",
            "prompt-pooled": "no" if prompted and not self.pools_prompt else "",
        }
        return {name: value for name, value in found.items() if value}


class _RefusedError(Exception):
    """A module that is not offered here; the message names it."""


def is_sentence_model(folder: Path) -> bool:
    """Whether a folder says how its authors make vectors."""
    return (folder / MODULES).is_file()


def sentence_model_files(there: Collection[str]) -> list[str]:
    """Of the files of a repository those that are read here; none if it has no ``modules.json``."""
    named = {MODULES, PROMPTS, *LENGTHS}
    return [file for file in there if MODULES in there and (file in named or MODULE_FILE.fullmatch(file))]


def read_sentence_model(folder: Path) -> SentenceModel | None:
    """What the files of a folder say; None if it has no ``modules.json``.

    Raises:
        UserError: a file that is not JSON of its kind, names a path outside of the folder, or contradicts another.
    """
    if not is_sentence_model(folder):
        return None
    modules = _read(folder / MODULES, MODULE_LIST)
    for number, module in enumerate(modules):
        name = module["path"]
        if name in (".", "..") or "\\" in name or Path(name).name != name:
            raise _broken(folder / MODULES, f"{number}.path must be the name of a folder in it, and is {name!r:.60}")
    lengths: Mapping[str, Any] = next((found for name in LENGTHS if (found := _read(folder / name, LENGTH))), {})
    prompts = _read(folder / PROMPTS, PROMPT) or {}
    _check_numbers(folder, lengths, prompts)
    pooling, dense, refused, pools_prompt = "mean", tuple[Dense, ...](), "", True
    try:
        pooling, pools_prompt, dense = _steps(folder, modules)
    except _RefusedError as error:
        refused = str(error)
    return SentenceModel(
        pooling,
        dense,
        refused,
        lengths.get("max_seq_length"),
        lengths.get("do_lower_case", False),
        pools_prompt,
        prompts.get("truncate_dim"),
        prompts.get("prompts", {}),
        prompts.get("default_prompt_name") or "",
    )


def _read(path: Path, shape: Any) -> Any:
    """The content of a JSON file of a shape; None if there is no file."""
    if not path.is_file():
        return None
    try:
        content = json_files.read_json(path)
    except (OSError, json_files.JsonError) as error:
        raise _broken(path, (error.strerror or str(error)) if isinstance(error, OSError) else str(error)) from error
    if wrong := misfit(content, shape):
        raise _broken(path, wrong)
    return content


def _broken(path: Path, why: str) -> UserError:
    return UserError(f"cannot read {path}", printable(why), "restore the file")


def _check_numbers(folder: Path, lengths: Mapping[str, Any], prompts: Mapping[str, Any]) -> None:
    """Refuse sizes that no model has, and a default prompt that there is none of."""
    longest, width, default = (
        lengths.get("max_seq_length"), prompts.get("truncate_dim"), prompts.get("default_prompt_name"),
    )  # fmt: skip
    if longest is not None and longest < SHORTEST:
        raise _broken(folder / LENGTHS[0], f"max_seq_length is {longest}, and {SHORTEST} is the least")
    if width is not None and not 1 <= width <= WIDEST:
        raise _broken(folder / PROMPTS, f"truncate_dim cannot be {width}")
    if default and default not in prompts.get("prompts", {}):
        raise _broken(folder / PROMPTS, f"default_prompt_name is {default!r:.60}, which is not among its prompts")


def _steps(folder: Path, modules: list[Any]) -> tuple[str, bool, tuple[Dense, ...]]:
    """Pooling, whether it takes a prompt's pieces, and the layers after it, from the modules in their order.

    Raises:
        _RefusedError: another kind or order of modules.
    """
    kinds = [_kind(module) for module in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or modules[0]["path"]:
        raise _RefusedError(f"its modules are {', '.join(kinds) or 'none'}, not an encoder of the folder and a pooling")
    pooling, pools_prompt = _pooling(folder / modules[1]["path"] / "config.json")
    dense, normalised = list[Dense](), False
    for kind, module in zip(kinds[2:], modules[2:], strict=True):
        if kind == "Dense":
            dense.append(_dense(folder / module["path"], dense[-1].outputs if dense else None, normalised=normalised))
        elif kind not in ("Normalize", "Dropout"):
            raise _RefusedError(f"{module['path'] or kind} is a {kind}")
        normalised = kind == "Normalize" or (normalised and kind == "Dropout")
    return pooling, pools_prompt, tuple(dense)


def _kind(module: Mapping[str, str]) -> str:
    """The class of a module, without its package; the whole name if it is of another package."""
    name = module["type"]
    return name.rpartition(".")[2] if name.startswith(OURS) else printable(f"{name:.80}")


def _pooling(path: Path) -> tuple[str, bool]:
    """The pooling in our words, and whether it takes a prompt's pieces."""
    config = _read(path, POOLING)
    if config is None:
        raise _broken(path, "modules.json names it, and it is not there")
    named = config.get("pooling_mode", [mode for key, mode in LEGACY_POOLINGS.items() if config.get(key)] or "mean")
    modes = [named] if isinstance(named, str) else named
    if len(modes) != 1 or modes[0] not in POOLINGS:
        raise _RefusedError(printable(f"it pools by {' and '.join(modes) or 'nothing'}".replace("_", " ")[:200]))
    return POOLINGS[modes[0]], config.get("include_prompt", True)


def _dense(folder: Path, inputs: int | None, *, normalised: bool) -> Dense:
    """One layer, its weights' shapes compared with what its config says.

    Args:
        inputs: Outputs of the layer before; None after pooling.
    """
    path = folder / "config.json"
    config = _read(path, DENSE)
    if config is None:
        raise _broken(path, "modules.json names it, and it is not there")
    package, _, activation = config.get("activation_function", "torch.nn.Tanh").rpartition(".")
    ends = {config.get(name) or "sentence_embedding" for name in ("module_input_name", "module_output_name")}
    for refused in _refusals(package, activation, ends, residual=config.get("use_residual", False)):
        raise _RefusedError(f"{folder.name} is a Dense {refused}")
    file, sizes = folder / DENSE_WEIGHTS, (config["in_features"], config["out_features"])
    if not file.is_file():
        raise _RefusedError(f"{folder.name} has no {DENSE_WEIGHTS}, and pickles are not read")
    wanted = {
        "linear.weight": [sizes[1], sizes[0]],
        **({"linear.bias": [sizes[1]]} if config.get("bias", True) else {}),
    }
    if (found := _shapes(file)) != wanted:
        raise _broken(file, f"it holds {found}, and {path.name} beside it says {wanted}")
    if inputs not in (None, sizes[0]):
        raise _broken(path, f"in_features is {sizes[0]}, and the layer before gives {inputs}")
    return Dense(file, *sizes, activation, normalised)


def _refusals(package: str, activation: str, ends: set[str], *, residual: bool) -> Iterator[str]:
    """What of a layer is not offered here."""
    if not package.startswith("torch.nn") or activation not in ACTIVATIONS:
        yield printable(f"with the activation {package}.{activation}"[:120])
    if ends != {"sentence_embedding"}:
        yield printable(f"of {', '.join(sorted(ends))}"[:120])
    if residual:
        yield "with a residual connection"


def _shapes(file: Path) -> dict[str, list[int]]:
    """Shapes in a safetensors file by name, from its header alone."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            return {name: list(opened.get_slice(name).get_shape()) for name in sorted(opened.keys())[:100]}
    except (OSError, SafetensorError) as error:
        raise _broken(file, f"it is truncated or no safetensors file ({type(error).__name__})") from error
