"""The gateway: the one path to language models, and the only importer of litellm.

``kernel.llm.services.complete`` finds a deployment, reserves the budget, waits for a slot, calls, settles and records.
"""
