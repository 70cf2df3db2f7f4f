"""What the published case says, to hold the job's results against: figures as printed, never used to compute anything.

Source: Forrester Consulting for Intellum, customer education e-book, pages 42 to 44 (tables A and B).
"""

from decimal import Decimal

PRESENT_VALUES = {"retention": Decimal(10_041_989), "spending": Decimal(6_675_324)}
TOTALS = {"retention": Decimal(12_943_488), "spending": Decimal(8_230_482)}
