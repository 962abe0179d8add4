"""Models by their hub id: fetched once, found in the local cache ever after; and what is known of the usual ones."""
