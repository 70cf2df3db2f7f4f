"""Reads of the value fabric. What an actor may see is decided in ``customers.customers_visible_to`` and nowhere else."""
