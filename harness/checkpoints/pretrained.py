"""Published encoders that were pretrained on text alone: without labels, and without translations."""

from __future__ import annotations

from collections.abc import Mapping

FROM_TEXT_ALONE: Mapping[str, str] = {
    "bert-base-multilingual-cased": "Devlin et al. 2019",
    "xlm-roberta-base": "Conneau et al. 2020",
    "xlm-roberta-large": "Conneau et al. 2020",
    "xlm-roberta-xl": "Goyal et al. 2021",
    "xlm-roberta-xxl": "Goyal et al. 2021",
    "mdeberta-v3-base": "He et al. 2023",
    "xlm-v-base": "Liang et al. 2023",
    "rembert": "Chung et al. 2021",
    "mt5-small": "Xue et al. 2021",
    "mt5-base": "Xue et al. 2021",
    "mt5-large": "Xue et al. 2021",
    "mt5-xl": "Xue et al. 2021",
    "mt5-xxl": "Xue et al. 2021",
}
"""By name on the hub, without the organisation: who says so."""
ORGANISATIONS = ("", "google-bert", "facebookai", "microsoft", "facebook", "google")
"""Who publishes them; others may use a name for anything."""


def is_from_text_alone(hub_id: str) -> bool:
    """Whether a model of the hub is one of them, by its id."""
    organisation, _, name = hub_id.lower().rpartition("/")
    return organisation in ORGANISATIONS and name in FROM_TEXT_ALONE
