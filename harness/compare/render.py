"""A comparison as HTML."""
