"""Masked language modelling: text that is only trained on."""

from xharness.tasks.types.trained_only import TrainedOnly


class MaskedLm(TrainedOnly[str]):
    """Lines of text."""

    name = "masked_lm"
    title = "masked language modelling"
    hub_task = "fill-mask"
    example = str
    per_language = True


MASKED_LM = MaskedLm()
