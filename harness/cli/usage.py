"""Wrong usage, said so that one look at the message is enough to put it right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand

UsageError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError")
"""Of the click that Typer works with: its own copy from some version on, under a private name."""

SET = "--set"


class HelpfulCommand(TyperCommand):
    """A command that names all options that are missing at once, and where a value of the recipe is given."""

    def parse_args(self, context: Any, arguments: list[str]) -> list[str]:
        """Click's own, with better words for what fails."""
        given = list(arguments)
        try:
            return super().parse_args(context, arguments)
        except UsageError as error:
            if type(error).__name__ == "MissingParameter":
                self._say_missing(context, given, error)
            if type(error).__name__ == "NoSuchOption":
                self._say_recipe(context, given, error)
            raise

    def _say_missing(self, context: Any, given: list[str], error: Any) -> NoReturn:
        """Raise the error, naming everything that is missing if that is more than one."""
        values, *_ = self.make_parser(context).parse_args(args=given)
        missing = [each for each in self.get_params(context) if each.required and not values.get(each.name or "")]
        if len(missing) < 2:
            raise error
        names = map(_spelt, missing)
        raise UsageError(f"Missing: {', '.join(names)}", ctx=context) from None

    def _say_recipe(self, context: Any, given: Sequence[str], error: Any) -> NoReturn:
        """Raise the error, with the way to set a field of the recipe if that is what the option names."""
        from xharness.tasks.recipe import TYPES, field_named

        name = field_named(error.option_name.lstrip("-").replace("-", "_"))
        settable = any(SET in each.opts for each in self.get_params(context))
        if not settable or name not in TYPES:
            raise error
        place = [argument.partition("=")[0] for argument in given].index(error.option_name)
        _, equals, value = given[place].partition("=")
        value = value if equals else next(iter(given[place + 1 :]), "VALUE")
        said = f"No such option: {error.option_name}. It is a number of the recipe: {SET} {name}={value}"
        raise UsageError(said, ctx=context) from None


def _spelt(parameter: Any) -> str:
    """An option by its name, an argument as the usage line has it."""
    name: str = parameter.opts[0]
    return name if name.startswith("-") else parameter.metavar or name.upper()
