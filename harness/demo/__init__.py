"""The embedded demo: a made-up multilingual world in XTREME's folder layout, and a tiny untrained model for it."""
