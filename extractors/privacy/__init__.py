"""Forgetting: persons are erased, old rows leave, the key of the pseudonyms is rotated."""
