"""What a user may ask of a perturbation; what would be ignored is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.perturbations.catalogue import NAMES, TREE_CHANGES, WORD_ORDER
from xharness.tasks.perturbations.policy import LabelPolicy, Punctuation, WhichTexts


@dataclass(frozen=True, kw_only=True)
class PerturbOptions:
    """What is perturbed, and how.

    Attributes:
        data: Plain data; ``labels`` is gold from elsewhere.
        out: The folder that is made.
        by: Name of the perturbation.
        seed: Of what is drawn; None for 0, and where nothing is drawn.
        size: Words of a run (ngram), or how far a word may move (window); None for the usual.
        texts: Which texts of a pair; None for both, or for those that the perturbation is about.
        trees: CoNLL-U files with the parsed sentences of the data.
        order_of: Treebanks of the language whose order is taken on, named as Universal Dependencies names them.
        punctuation: Where marks go when sentences are put into another order; None for ``edge``.
        limit: Only the first examples of each cell.
        tasks_from: A file that declares tasks of the user's own.
    """

    data: Path
    out: Path
    by: str
    tasks: str = "xnli"
    langs: str | None = None
    labels: Path | None = None
    seed: int | None = None
    size: int | None = None
    texts: WhichTexts | None = None
    trees: tuple[Path, ...] = ()
    order_of: tuple[Path, ...] = ()
    punctuation: Punctuation | None = None
    limit: int | None = None
    tasks_from: Path | None = None

    @property
    def by_rule(self) -> bool:
        """Whether gold changes by a rule."""
        return self.by in TREE_CHANGES and TREE_CHANGES[self.by].policy is LabelPolicy.BY_RULE

    def check(self) -> None:
        """Refuse a name that is none, and what this perturbation does not read.

        Raises:
            UserError: the first of these.
        """
        if self.by not in NAMES:
            raise UserError(f"unknown perturbation '{self.by}'", "--by names one of them", suggestion(self.by, NAMES))
        for name, value in (("size", self.size), ("limit", self.limit)):
            if value is not None and value < 1:
                raise UserError(f"--{name} is {value}", "nothing can be done with that", "give a number from 1 on")
        for name, (given, read) in self._uses().items():
            if given and not read:
                why = f"{self.by} does not read it, and it would be ignored"
                raise UserError(f"--{name} with --by {self.by}", why, f"leave --{name} out")
        for name in ("trees", "order_of"):
            given, read = self._uses()[name.replace("_", "-")]
            if read and not given:
                why = f"{self.by} needs {_NEEDED[name]}"
                raise UserError(f"--by {self.by} without --{name.replace('_', '-')}", why, "name a CoNLL-U file")

    def _uses(self) -> dict[str, tuple[bool, bool]]:
        """Whether each option is given, and whether the perturbation reads it."""
        order, tree = WORD_ORDER.get(self.by), TREE_CHANGES.get(self.by)
        ordered = tree is not None and tree.ordered
        return {
            "seed": (self.seed is not None, order is not None and order.drawn),
            "size": (self.size is not None, order is not None and order.size > 0),
            "texts": (self.texts is not None, not (tree and tree.second_only)),
            "trees": (bool(self.trees), tree is not None),
            "order-of": (bool(self.order_of), ordered),
            "punctuation": (self.punctuation is not None, ordered),
        }


_NEEDED = {
    "trees": "the sentences of the data with their dependency trees",
    "order_of": "a treebank of the language whose order is taken on",
}
