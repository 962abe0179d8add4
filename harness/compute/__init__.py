"""Devices, batches, faster arithmetic, loading models."""
