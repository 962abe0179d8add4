"""Which trees a text is made of: a text is one sentence that was parsed, or several one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xharness.tasks.readers.trees import Tree


@dataclass(frozen=True)
class TreeBook:
    """Trees by their text without spaces, so that it does not matter how a parser set them."""

    trees: dict[str, Tree]

    @classmethod
    def of(cls, trees: Iterable[Tree]) -> TreeBook:
        """Of equal texts the first tree counts."""
        found: dict[str, Tree] = {}
        for tree in trees:
            found.setdefault(bare(tree.text), tree)
        return cls(found)

    def cover(self, text: str) -> Sequence[Tree] | None:
        """The trees of a text, in order; None where a part of it has none. Longer sentences come first."""
        whole = bare(text)
        if whole in self.trees:
            return [self.trees[whole]]
        found: dict[int, list[Tree] | None] = {len(whole): []}  # from each place to the end
        for start in range(len(whole) - 1, -1, -1):
            rests = (
                [self.trees[part], *after]
                for end in range(len(whole), start, -1)
                if (after := found.get(end)) is not None and (part := whole[start:end]) in self.trees
            )
            found[start] = next(rests, None)
        return found[0] or None


def bare(text: str) -> str:
    """Without spaces."""
    return "".join(text.split())
