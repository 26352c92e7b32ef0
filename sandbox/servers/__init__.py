"""The fake platforms by the first part of their path: one module is one platform.

A platform's module has `PLATFORM`, its class; `CREDENTIALS`, what it accepts, by field; and, where
the source needs more than an address, `SETTINGS`, with `{url}` for the address of the platform.
`COVERS` names what need not come as a file where the source is read: entity -> platforms, "*" all.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any


def _modules() -> Iterable[tuple[str, ModuleType]]:
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "PLATFORM"):
            yield info.name, module


MODULES: Mapping[str, ModuleType] = dict(_modules())
SECRETS: Mapping[str, str] = {
    f"BEYOND_LIKES_{name}_{field}".upper(): value
    for name, module in MODULES.items()
    for field, value in module.CREDENTIALS.items()
}


def covered(sources: Iterable[str]) -> set[tuple[str, str]]:
    """Return the pairs of entity and platform that sources bring, so that no file has to."""
    return {
        (entity, platform)
        for name in sources
        for entity, platforms in getattr(MODULES[name], "COVERS", {}).items()
        for platform in platforms
    }


def settings(name: str, url: str) -> dict[str, Any]:
    """Return the lines of one source in sources.yml; `url` is where the sandbox listens."""
    own = f"{url}/{name}"
    more: Mapping[str, Any] = getattr(MODULES[name], "SETTINGS", {})
    return {"base_url": own} | {
        key: value.replace("{url}", own) if isinstance(value, str) else value
        for key, value in more.items()
    }
