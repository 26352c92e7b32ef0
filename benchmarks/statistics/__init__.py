"""How often our intervals and verdicts are right: simulated or enumerated, by our own SQL."""
