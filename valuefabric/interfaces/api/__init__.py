"""REST of the value fabric: each view parses, calls one service or selector, and answers."""
