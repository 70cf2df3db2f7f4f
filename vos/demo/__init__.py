"""The main job on demo data: what ``make run`` does the first time."""
