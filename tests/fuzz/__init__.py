"""Hostile input, seeded: mutated exports and API replies through the real extractors and loader."""
