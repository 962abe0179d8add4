"""Special tokens around one or two texts, as the tokenizer's own post-processor puts them, for every family alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from xharness.tasks.common.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Ids: TypeAlias = list[int]
Types: TypeAlias = tuple[Ids, int, Ids, int, Ids]


@dataclass(frozen=True)
class SpecialTokenTemplate:
    """What a tokenizer puts before, between and after texts, and the token types it gives to the parts.

    ``types`` are the token types of (before, first, between, second, after); None if the model takes none.
    """

    before: Ids
    between: Ids
    after: Ids
    types: Types | None

    @property
    def size(self) -> int:
        """Number of special tokens."""
        return len(self.before) + len(self.between) + len(self.after)

    def ids(self, first: Sequence[int], second: Sequence[int] = ()) -> Ids:
        """The whole input."""
        return [*self.before, *first, *self.between, *second, *self.after]

    def token_types(self, first: int, second: int = 0) -> Ids | None:
        """Token types of an input whose texts have these lengths; None if the model takes none."""
        if self.types is None:
            return None
        before, a, between, b, after = self.types
        return [*before, *[a] * first, *between, *[b] * second, *after]


def single_template(tokenizer: PreTrainedTokenizerFast) -> SpecialTokenTemplate:
    """The template of one text.

    Raises:
        UserError: the tokenizer does more to a text than its post-processor says.
    """
    ids, types = _encoded(tokenizer, paired=False)
    start = ids.index(FIRST)
    parts: Types = (types[:start], types[start], [], 0, types[start + 1 :])
    template = SpecialTokenTemplate(ids[:start], [], ids[start + 1 :], parts if _takes_types(tokenizer) else None)
    _check(tokenizer, template, PROBES[:1])
    return template


def pair_template(tokenizer: PreTrainedTokenizerFast) -> SpecialTokenTemplate:
    """The template of two texts.

    Raises:
        UserError: as :func:`single_template`.
    """
    ids, types = _encoded(tokenizer, paired=True)
    a, b = ids.index(FIRST), ids.index(SECOND)
    parts: Types = (types[:a], types[a], types[a + 1 : b], types[b], types[b + 1 :])
    template = SpecialTokenTemplate(ids[:a], ids[a + 1 : b], ids[b + 1 :], parts if _takes_types(tokenizer) else None)
    _check(tokenizer, template, PROBES)
    return template


PROBES = ("ab", "cd")
MARKS = ("first", "second")
FIRST, SECOND = 2**32 - 1, 2**32 - 2  # ids that no vocabulary has


def _encoded(tokenizer: PreTrainedTokenizerFast, *, paired: bool) -> tuple[Ids, Ids]:
    """Ids and token types that the tokenizer's post-processor makes of one text or two of one piece each.

    The pieces come from a vocabulary of our own: the tokenizer's may have none for any text that we could think of.

    Raises:
        UserError: the post-processor does not keep every text once, in order.
    """
    from tokenizers import Tokenizer, models

    stand_in = Tokenizer(models.WordLevel(dict(zip(MARKS, (FIRST, SECOND), strict=True)), unk_token=MARKS[0]))
    if tokenizer.backend_tokenizer.post_processor is not None:
        stand_in.post_processor = tokenizer.backend_tokenizer.post_processor
    encoded = stand_in.encode(MARKS[0], MARKS[1] if paired else None)
    if [one for one in encoded.ids if one in (FIRST, SECOND)] != [FIRST, SECOND][: 1 + paired]:
        raise UserError(
            f"the tokenizer does not put special tokens around {'two texts' if paired else 'a text'}",
            "its post-processor leaves a text out, repeats one, or changes their order",
            "use the tokenizer of the original model, saved with a tokenizer.json",
        )
    return encoded.ids, encoded.type_ids


def _takes_types(tokenizer: PreTrainedTokenizerFast) -> bool:
    """True if inputs have token types."""
    return "token_type_ids" in tokenizer.model_input_names


def _check(tokenizer: PreTrainedTokenizerFast, template: SpecialTokenTemplate, texts: Sequence[str]) -> None:
    """Refuse a tokenizer whose inputs are not its texts in this template."""
    options = {"truncation": False, "padding": False}
    inner = [tokenizer([text], add_special_tokens=False, **options)["input_ids"][0] for text in texts]
    whole = tokenizer(*([text] for text in texts), **options)
    if (whole["input_ids"][0], whole.get("token_type_ids", [None])[0]) != (
        template.ids(*inner),
        template.token_types(*map(len, inner)),
    ):
        raise UserError(
            "the tokenizer changes a text when it adds special tokens",
            "words and windows are put together after tokenising, which gives its inputs only where it does not",
            "use the tokenizer of the original model, saved with a tokenizer.json",
        )
