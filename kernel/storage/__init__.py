"""Blobs: documents, exports and snapshots by their hash, in a folder per tenant, through Django's storage API."""
