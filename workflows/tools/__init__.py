"""The tools that the product brings, for steps of kind ``tool``; one file per subject, and one line of registration."""
