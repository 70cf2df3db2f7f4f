"""The pure part of the value fabric: no Django, no clock, no network."""
