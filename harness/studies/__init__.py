"""Chains of phases."""
