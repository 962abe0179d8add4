"""The multilingual encoders that the field compares: what each is made of, before anything of it is downloaded.

Sizes are of the bare encoder, as ``AutoModel`` loads it; they follow from the shape that the models' configs publish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from xharness.predict.layers import layer_signature

ModelSize: TypeAlias = int | str | Sequence[str]


@dataclass(frozen=True)
class Family:
    """One published model.

    Attributes:
        id: Its id on the Hugging Face hub.
        title: Its name in the literature.
        model_type: Its architecture in transformers.
        shape: What its config says of sizes: the keyword arguments of transformers' config class.
        parameters: Of the bare encoder, embeddings and pooler included.
        paper: Where it is described.
        note: What a user should know.
    """

    id: str
    title: str
    model_type: str
    shape: Mapping[str, Any]
    parameters: int
    paper: str
    note: str = ""

    @property
    def blocks(self) -> int:
        """Number of transformer blocks."""
        return int(self.shape.get("num_hidden_layers") or self.shape["num_layers"])

    @property
    def reference(self) -> str:
        """Block that retrieval reads by default, of how many; marked where it is scaled to another depth."""
        return layer_signature("reference", self.blocks).replace("=reference", "").replace("-scaled", " scaled")


def _bert(blocks: int, width: int, heads: int, vocabulary: int, **more: ModelSize) -> dict[str, ModelSize]:
    """The sizes of a model of BERT's shape."""
    return {
        "num_hidden_layers": blocks, "hidden_size": width, "num_attention_heads": heads, "intermediate_size": 4 * width,
        "vocab_size": vocabulary, "max_position_embeddings": 512, **more,
    }  # fmt: skip


def _xlmr(blocks: int, width: int, heads: int, vocabulary: int = 250002) -> dict[str, ModelSize]:
    return _bert(blocks, width, heads, vocabulary, max_position_embeddings=514, type_vocab_size=1)


def _mt5(blocks: int, width: int, inner: int, heads: int) -> dict[str, ModelSize]:
    return {
        "num_layers": blocks, "d_model": width, "d_ff": inner, "num_heads": heads, "d_kv": 64, "vocab_size": 250112,
        "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
    }  # fmt: skip


def _mmbert(width: int, heads: int) -> dict[str, ModelSize]:
    sizes = _bert(22, width, heads, 256000, max_position_embeddings=8192)
    return sizes | {"intermediate_size": 1152, "global_attn_every_n_layers": 3, "local_attention": 128}


MDEBERTA = _bert(
    12, 768, 12, 251000, type_vocab_size=0, relative_attention=True, position_buckets=256, pos_att_type=["p2c", "c2p"],
    norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False, max_relative_positions=-1,
)  # fmt: skip
REMBERT = _bert(32, 1152, 18, 250300, input_embedding_size=256, output_embedding_size=1664)
DECODER = "its encoder, without the decoder"

MBERT, XLMR, INFOXLM = "Devlin et al. 2019", "Conneau et al. 2020", "Chi et al. 2021"
FAMILIES: tuple[Family, ...] = (
    Family("bert-base-multilingual-cased", "mBERT", "bert", _bert(12, 768, 12, 119547), 177853440, MBERT),
    Family("xlm-roberta-base", "XLM-R Base", "xlm-roberta", _xlmr(12, 768, 12), 278043648, XLMR),
    Family("xlm-roberta-large", "XLM-R Large", "xlm-roberta", _xlmr(24, 1024, 16), 559890432, XLMR),
    Family("microsoft/infoxlm-base", "InfoXLM Base", "xlm-roberta", _xlmr(12, 768, 12), 278043648, INFOXLM),
    Family("microsoft/infoxlm-large", "InfoXLM Large", "xlm-roberta", _xlmr(24, 1024, 16), 559890432, INFOXLM),
    Family("microsoft/xlm-align-base", "XLM-Align", "xlm-roberta", _xlmr(12, 768, 12), 278043648, "Chi et al. 2021"),
    Family("microsoft/mdeberta-v3-base", "mDeBERTa-v3", "deberta-v2", MDEBERTA, 278218752, "He et al. 2023"),
    Family("facebook/xlm-v-base", "XLM-V", "xlm-roberta", _xlmr(12, 768, 12, 901629), 778493184, "Liang et al. 2023"),
    Family("google/rembert", "RemBERT", "rembert", REMBERT, 575920384, "Chung et al. 2021"),
    Family("google/mt5-small", "mT5 Small", "mt5", _mt5(8, 512, 1024, 6), 146940608, "Xue et al. 2021", DECODER),
    Family("google/mt5-base", "mT5 Base", "mt5", _mt5(12, 768, 2048, 12), 277040256, "Xue et al. 2021", DECODER),
    Family("google/mt5-large", "mT5 Large", "mt5", _mt5(24, 1024, 2816, 16), 564446720, "Xue et al. 2021", DECODER),
    Family("google/mt5-xl", "mT5 XL", "mt5", _mt5(24, 2048, 5120, 32), 1669958656, "Xue et al. 2021", DECODER),
    Family("jhu-clsp/mmBERT-small", "mmBERT Small", "modernbert", _mmbert(384, 6), 140493696, "Marone et al. 2025"),
    Family("jhu-clsp/mmBERT-base", "mmBERT Base", "modernbert", _mmbert(768, 12), 306939648, "Marone et al. 2025"),
    Family(
        "microsoft/Multilingual-MiniLM-L12-H384", "mMiniLM", "bert", _bert(12, 384, 12, 250037), 117653760,
        "Wang et al. 2020", "tokenizer of XLM-R",
    ),
)  # fmt: skip


def known(name: str) -> Family | None:
    """The family of an id, with or without its organisation, whatever the case; None if it is not in the table."""
    wanted = name.lower()
    return next((f for f in FAMILIES if wanted in (f.id.lower(), f.id.lower().rpartition("/")[2])), None)
