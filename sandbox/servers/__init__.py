"""The fake platforms by the first part of their path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.servers.greenhouse import Greenhouse
from sandbox.servers.hubspot import HubSpot
from sandbox.servers.linkedin import LinkedIn
from sandbox.servers.wire import Platform, World
from sandbox.servers.zendesk import Zendesk

PLATFORMS: Mapping[str, Callable[[World], Platform]] = {
    "linkedin": LinkedIn,
    "greenhouse": Greenhouse,
    "hubspot": HubSpot,
    "zendesk": Zendesk,
}
