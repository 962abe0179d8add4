"""Task types: how answers look, and everything that depends on that and needs no model. One module a type."""
