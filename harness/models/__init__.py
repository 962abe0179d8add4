"""Models by their id on a hub: fetched once, found in the local cache ever after, and what is known of the usual ones."""
