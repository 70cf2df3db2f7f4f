"""Risk: what a case is worth when its assumptions are not certain. ``docs/risk.md`` has every definition.

numpy, scipy and SALib are imported by the modules that compute, not by those that declare: a web process that only shows a model
never loads them.
"""
