"""Inside a difference: the items of one cell whose answers two runs disagree on."""
