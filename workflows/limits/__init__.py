"""How many runs may go at once and how fast they may start, and which dependencies are left alone because they fail."""
