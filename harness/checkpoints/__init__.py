"""Checkpoints: found, identified by content, traced to their parents, matched with tasks."""
