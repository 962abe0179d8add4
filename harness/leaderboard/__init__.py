"""The leaderboard: runs and published rows by protocol, with ranks that say how sure they are."""
