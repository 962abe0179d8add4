"""What tells what a model can do beside its scores: generated test cases, mixed languages, breakdowns by language."""
