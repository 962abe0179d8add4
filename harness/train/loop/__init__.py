"""The training loop: read :mod:`xharness.train.loop.trainer` first."""
