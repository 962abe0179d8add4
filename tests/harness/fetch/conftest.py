"""Fixtures for fetching; other folders of tests import them by name from ``tests.harness.fetch.fixtures``."""

from tests.harness.fetch.fixtures import double, loopback, world  # noqa: F401
