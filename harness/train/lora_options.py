"""What a user says of low-rank adaptation: ``r=16,alpha=32``. No torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import Json

FIELDS = ("r", "alpha")
EXAMPLE = "--lora r=16,alpha=32"


@dataclass(frozen=True)
class LoraOptions:
    """Low-rank adaptation (Hu et al. 2022) of every linear layer of the encoder's blocks.

    Attributes:
        r: Rank of what is added to a weight.
        alpha: It is scaled by ``alpha / r``; twice ``r`` if nobody says otherwise.
    """

    r: int
    alpha: int

    @classmethod
    def parse(cls, text: str) -> LoraOptions:
        """The value of ``r=16`` or ``r=16,alpha=32``.

        Raises:
            UserError: it is not spelt so.
        """
        given: dict[str, int] = {}
        for part in filter(None, map(str.strip, text.split(","))):
            name, equals, number = (piece.strip() for piece in part.partition("="))
            if name not in FIELDS:
                raise UserError(f"cannot read --lora {text}", f"it has no {name}", suggestion(name, FIELDS))
            if not equals or not number.isdecimal() or int(number) < 1 or name in given:
                why = f"{name} is a whole number above 0, given once"
                raise UserError(f"cannot read --lora {text}", why, f"for example {EXAMPLE}")
            given[name] = int(number)
        if "r" not in given:
            raise UserError(f"cannot read --lora {text}", "it does not say the rank, r", f"for example {EXAMPLE}")
        return cls(given["r"], given.get("alpha", 2 * given["r"]))

    def record(self) -> dict[str, Json]:
        """For identities and provenance."""
        return asdict(self)
