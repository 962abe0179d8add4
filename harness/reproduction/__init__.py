"""Why is my number another one? A published result beside every number that the same answers allow."""
