"""What is measured: the tasks, their readers and their metrics. No model code, no torch."""
