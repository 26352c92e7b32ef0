"""A simulated company behind API-faithful servers; only tests and `sandbox serve` use it."""
