"""Texts changed on purpose: the order of words, function words, who does what to whom. Pure functions, no files."""
