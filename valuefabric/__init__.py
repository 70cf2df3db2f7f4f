"""The business: value trees, models, cases, evidence, packs."""
