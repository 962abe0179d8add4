"""Identities of phases as earlier versions wrote them, in today's form, so that what they trained is still used.

Version 1 noted what examples gave: sizes and shares of a mixture, and a hash of the part of dev that was taken. It
noted the recipe with its name, the parent by its fingerprint, and ``last`` where there was no dev set to choose by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xharness.tasks.common.errors import UserError
from xharness.train.mixture_options import describe, with_text
from xharness.train.specification import VERSION, PhaseSpecification, numbers_of


def as_of_today(identity: Mapping[str, Any], now: PhaseSpecification) -> dict[str, Any]:
    """An identity in today's form; where one of version 1 does not tell, it is taken to be what is asked for now."""
    if "version" in identity:
        return dict(identity)
    try:
        return _translated(identity, now)
    except (AttributeError, KeyError, StopIteration, TypeError, UserError):  # not of version 1 either
        return dict(identity)


def is_unverified(identity: Mapping[str, Any], now: PhaseSpecification) -> bool:
    """Whether an identity does not tell whether the files of dev are still those that it was trained with."""
    return "version" not in identity and any(_is_partial(name, now) for name in now.files)


def _translated(old: Mapping[str, Any], now: PhaseSpecification) -> dict[str, Any]:
    """An identity of version 1."""
    today: Mapping[str, Any] = now.identity
    had_dev = any(old["dev"].values())
    recipes = {name: numbers_of(recipe) for name, recipe in old["recipe"].items()}
    if not had_dev:
        recipes = {name: {**recipe, "select": today["recipe"][name]["select"]} for name, recipe in recipes.items()}
    seed = old["subset"]["data_seed"]
    return {
        **old,
        "version": VERSION,
        "parent": today["parent"] if old["parent"] == now.parent.fingerprint else old["parent"],
        "seed": next(iter(old["recipe"].values()))["seed"],
        "recipe": recipes,
        "dev": {name: _dev(name, dev, now) for name, dev in old["dev"].items()},
        "subset": {**old["subset"], "data_seed": today["subset"]["data_seed"] if seed is None else seed},
        "mixture": _mixture(old["mixture"], now),
    }


def _is_partial(name: str, now: PhaseSpecification) -> bool:
    """Whether version 1 noted a hash of its own for a part of a member's dev."""
    return now.files[name].has_tests_in_dev or now.recipes[name].selection.examples is not None


def _dev(name: str, dev: Mapping[str, str], now: PhaseSpecification) -> dict[str, str]:
    """Hashes of a member's dev by language: those of today where only a part of it was hashed."""
    return {**dev, **{language: now.files[name].dev[language] for language in dev if _is_partial(name, now)}}


def _mixture(old: Mapping[str, Any] | None, now: PhaseSpecification) -> Any:
    """Today's options if they give the shares that were noted, for the sizes that were noted; else those of then."""
    if old is None:
        return None
    options, sizes = now.options, old["sizes"]
    if describe(sizes, with_text(options.mixture, sizes, now.text, *options.share_of_text)) == dict(old):
        return now.identity["mixture"]
    return {name: value for name, value in old.items() if name not in ("grouped", "sizes", "probabilities")}
