"""Recipes of the intermediate tasks.

Learning rate, weight decay, warm-up and, for MultiNLI and SQuAD, batch, length and epochs are those of the scripts
that the authors of Phang et al. 2020 published with jiant 2. Their scripts say nothing about the other tasks: there
the epochs are our choice, more for smaller sets.
"""

from __future__ import annotations

from tasks.base import Recipe

SELECT = "English dev {}, every 1000 updates on 500 examples; stop after 30 times without improvement"


def classification(train_on: str, *, epochs: int, score: str = "accuracy", max_length: int = 256) -> Recipe:
    """Pairs, tags and choices: batches of 32."""
    return Recipe(
        learning_rate=1e-5,
        epochs=epochs,
        batch_size=32,
        max_length=max_length,
        warmup_share=0.1,
        weight_decay=0.01,
        train_on=train_on,
        select_by=SELECT.format(score),
    )


def answering(train_on: str, *, epochs: int = 2) -> Recipe:
    """Spans: batches of 16, windows of 384 pieces."""
    return Recipe(
        learning_rate=1e-5,
        epochs=epochs,
        batch_size=16,
        max_length=384,
        warmup_share=0.1,
        weight_decay=0.01,
        train_on=train_on,
        select_by=SELECT.format("mean of F1 and exact match"),
        doc_stride=128,
        max_query_length=64,
    )
