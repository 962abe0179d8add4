"""Metrics as per-item sufficient statistics plus a pure aggregate, and the intervals that follow from that."""
