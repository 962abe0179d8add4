"""How tasks are run: checkpoints, batches, prediction, retrieval, runs and the command line."""

__version__ = "0.1.0"
