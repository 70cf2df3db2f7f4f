"""Capabilities: tokens that say what an agent may do, on which resource, under which limits, until when (promise 7).

``kernel.capabilities.services`` mints, hands on, checks and revokes them; ``kernel.capabilities.tokens`` is the pure part.
"""
