"""A seller's own workbook as a model: periods in columns, labels in front, formulas between cells."""
