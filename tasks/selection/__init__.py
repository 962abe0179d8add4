"""Which training examples to train on: what a model said of them while it learned, and subsets to compare with."""
