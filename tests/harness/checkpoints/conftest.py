"""An empty cache of models."""

from tests.harness.models.conftest import cache

__all__ = ["cache"]
