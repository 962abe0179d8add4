"""The leaderboard's files: read, check, score and pack them. Knows tasks, nothing of models."""
