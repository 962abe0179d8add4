"""Results on a hub: a model card with the scores in its metadata, and a data set with all of them."""
