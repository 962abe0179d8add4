"""What the runs of a study say: estimates over seeds and items together, tests, verdicts. Pure functions."""
