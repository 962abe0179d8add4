"""Two runs compared as pairs on the same items: differences with intervals, tests, and a gate."""
