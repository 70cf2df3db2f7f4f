"""Context snapshots: what an interrupted run had said and done, so that another worker goes on where it stood."""
