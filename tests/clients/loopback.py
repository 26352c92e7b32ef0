"""Leads fixed hosts to this machine inside one process, and no name anywhere else.

`SANDBOX_HOSTS` names hosts, `SANDBOX_PORT` the port where tests/clients/front.py answers for them,
`SANDBOX_AUTHORITY` the file of its certificate authority. Imports nothing but the standard library:
lead/sitecustomize.py runs it inside clients before they begin.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import Any

HERE = ("127.0.0.1", "localhost", "::1")


def lead(env: Mapping[str, str]) -> None:
    """Change how this process finds hosts; an unknown name is not found, as without a network."""
    trust(env.get("SANDBOX_AUTHORITY"))
    hosts, port = env.get("SANDBOX_HOSTS", "").split(), env.get("SANDBOX_PORT", "")
    find, connect = socket.getaddrinfo, socket.socket.connect

    def place(host: Any, service: Any) -> tuple[Any, Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name in hosts and str(service) in ("443", "https"):
            return "127.0.0.1", int(port)
        if name is None or name in HERE:
            return host, service
        raise socket.gaierror(socket.EAI_NONAME, f"{name} is no host of the sandbox")

    def found(host: Any, service: Any, *more: Any, **named: Any) -> Any:
        return find(*place(host, service), *more, **named)

    def connected(self: socket.socket, address: Any) -> None:
        """Some clients, httplib2 for one, leave finding the host to the connection."""
        inner = isinstance(address, tuple)
        connect(self, (*place(*address[:2]), *address[2:]) if inner else address)

    socket.getaddrinfo = found  # type: ignore[assignment]
    socket.socket.connect = connected  # type: ignore[assignment,method-assign]


def trust(authority: str | None) -> None:
    """Let every TLS context trust one authority more, wherever the client looks for its own."""
    named, usual = ssl.SSLContext.load_verify_locations, ssl.SSLContext.load_default_certs

    def load_named(self: ssl.SSLContext, *places: Any, **more: Any) -> None:
        named(self, *places, **more)
        named(self, authority)

    def load_usual(self: ssl.SSLContext, *purpose: Any, **more: Any) -> None:
        usual(self, *purpose, **more)
        named(self, authority)

    if authority:
        ssl.SSLContext.load_verify_locations = load_named  # type: ignore[method-assign]
        ssl.SSLContext.load_default_certs = load_usual  # type: ignore[method-assign]
