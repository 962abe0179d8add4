"""Ratios of summed counts, safe for empty denominators; shared by the metrics."""

from __future__ import annotations

import numpy as np

from xharness.tasks.base import FloatArray


def percent(part: FloatArray, whole: FloatArray) -> FloatArray:
    """``100 * part / whole`` elementwise; 0 where ``whole`` is 0."""
    return 100 * ratio(part, whole)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """``part / whole`` elementwise; 0 where ``whole`` is 0."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    if whole.all():  # the usual case: dividing under a mask takes four times as long
        return np.asarray(part / whole)
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)


def f1_precision_recall(hits: FloatArray, predicted: FloatArray, gold: FloatArray) -> dict[str, FloatArray]:
    """F1, precision and recall in percent, in this order; each 0 where its denominator is 0."""
    precision, recall = ratio(hits, predicted), ratio(hits, gold)
    f1 = ratio(2 * precision * recall, precision + recall)
    return {"f1": 100 * f1, "precision": 100 * precision, "recall": 100 * recall}
