"""Tells people what the published marts say: an alert when something changes, a weekly digest.

Reads the published release, never the warehouse, and the state that it keeps itself.
"""

from extractors.alerts.steps import alert, digest, notice

__all__ = ["alert", "digest", "notice"]
