"""Recipes that several tasks share: XTREME's of questions, those of dual encoders, and those of jiant 2.

Learning rate, weight decay, warm-up and, for the targets, MultiNLI and SQuAD, batch, length and epochs are those of the
scripts that the authors of Phang et al. 2020 published with jiant 2. Their scripts say nothing about the other tasks:
there the epochs are our choice, more for smaller sets. They count an incomplete last batch as a step.
"""

from __future__ import annotations

from dataclasses import replace

from xharness.tasks.recipe import Recipe, Selection

LAST = Selection(on="last")
JIANT = Selection(every=1000, examples=500, patience=30)

# XTREME's for questions on a passage, of whichever set.
XTREME_ANSWERING = Recipe(
    learning_rate=3e-5,
    epochs=3,
    batch_size=32,
    reference_micro_batch=4,
    max_length=384,
    warmup_steps=500,
    weight_decay=1e-4,
    selection=LAST,
    doc_stride=128,
    max_question_length=64,
)

# XTREME-R's dual encoder of LAReQA: 16 pairs a step, as four softmaxes over four. Its authors chose among 16
# checkpoints by hand.
LAREQA = Recipe(
    learning_rate=2e-5,
    epochs=3,
    batch_size=16,
    reference_micro_batch=4,
    max_length=256,
    max_question_length=96,
    negatives=4,
    pooling="pooler",
    similarity_scale=100.0,
    selection=LAST,
)

# That of Mewsli-X: 256 pairs a step, as four softmaxes over 64 (what fits into 16 GB); 32 of large models, over eight.
MEWSLIX = replace(
    LAREQA,
    epochs=2,
    batch_size=256,
    reference_micro_batch=64,
    max_length=64,
    max_question_length=64,
    negatives=64,
    learning_rate_large=1e-5,
    batch_size_large=32,
    reference_micro_batch_large=8,
    negatives_large=8,
)


def classification(*, epochs: int, max_length: int = 256) -> Recipe:
    """Pairs, tags and choices: batches of 32."""
    return Recipe(
        learning_rate=1e-5,
        epochs=epochs,
        batch_size=32,
        reference_micro_batch=32,
        max_length=max_length,
        warmup_ratio=0.1,
        weight_decay=0.01,
        selection=JIANT,
    )


def answering(*, epochs: int = 2, selection: Selection = JIANT) -> Recipe:
    """Spans: batches of 16, windows of 384 pieces."""
    return Recipe(
        learning_rate=1e-5,
        epochs=epochs,
        batch_size=16,
        reference_micro_batch=16,
        max_length=384,
        warmup_ratio=0.1,
        weight_decay=0.01,
        selection=selection,
        doc_stride=128,
        max_question_length=64,
    )
