"""Budgets of tokens and money: reserved before a call, settled after it, never overshot (promise 9)."""
