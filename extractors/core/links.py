"""Paging links: they stay on the configured host, and no page is read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from extractors.core.errors import FatalError

PORTS = {"http": 80, "https": 443}


class OneHost:
    """The only address that credentials are sent to: scheme, host and port of `base_url`.

    Shape: `elsewhere` names further addresses of the same platform by the beginning of the paths
    that are asked for there, where one token reads two APIs.
    """

    def __init__(
        self, base_url: str, where: str, elsewhere: Mapping[str, str] | None = None
    ) -> None:
        self._base = base_url.rstrip("/")
        self._elsewhere = {start: url.rstrip("/") for start, url in (elsewhere or {}).items()}
        origins = [_plain_origin(url, where) for url in (self._base, *self._elsewhere.values())]
        self._origins, self.name = frozenset(origins), origins[0][1]

    def join(self, path_or_url: str) -> str:
        """Return the address of a path below its base address; a whole address stays as it is."""
        if "://" in path_or_url.partition("?")[0] or path_or_url.startswith("//"):
            return _joined(f"{self._base}/", path_or_url)
        others = (url for start, url in self._elsewhere.items() if path_or_url.startswith(start))
        return f"{next(others, self._base)}/{path_or_url.removeprefix('/')}"

    def check(self, url: str, where: str) -> None:
        """Raise FatalError unless `url` has the scheme, host and port of a configured address."""
        origin = _origin(url)
        if origin not in self._origins:
            scheme, host, port = origin or ("?", "an unreadable address", 0)
            what = f"a link leads to {scheme}://{host}:{port}, not to the configured {self.name}"
            do = "If the platform moved, set base_url of this source; else report it to them"
            raise FatalError(where, what, do)

    def redirect(self, url: str, answer: requests.Response, where: str) -> str:
        """Return the address that a redirect names, when it is on the same host."""
        target = _joined(url, answer.headers["Location"])
        self.check(target, where)
        return target


def _plain_origin(base_url: str, where: str) -> tuple[str, str, int]:
    origin = _origin(base_url)
    if origin is None or urlsplit(base_url).query:
        what = f"base_url {base_url!r} is no plain http(s) address"
        raise FatalError(where, what, "Write it like https://api.example.com")
    return origin


def _joined(base: str, link: str) -> str:
    """Return the address of a link; one that cannot be read stays, for `check` to refuse."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _origin(url: str) -> tuple[str, str, int] | None:
    """Read the address as the sending library does; None when two readers disagree about it."""
    try:
        sent, plain = parse_url(url), urlsplit(url)
        scheme, host = (sent.scheme or "").lower(), (sent.host or "").lower()
        agree = (plain.scheme, plain.hostname or "") == (scheme, host.strip("[]"))
        port = sent.port or PORTS[scheme]
        agree = agree and (plain.port or PORTS[scheme]) == port
    except (LocationParseError, ValueError, KeyError):
        return None
    return (scheme, host, port) if agree and host and sent.auth is None else None


class Seen:
    """Ends page loops: FatalError when a cursor or next link comes back."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._seen: set[bytes] = set()  # digests: links are long, and a night has many

    def check(self, token: str) -> str:
        """Return `token` the first time it comes, raise the second time."""
        digest = hashlib.blake2b(token.encode(), digest_size=12).digest()
        if digest in self._seen:
            what = f"page {len(self._seen) + 1} leads back to a page that was read already"
            do = "Run again; if it stays, report the endless paging to the platform"
            raise FatalError(self._where, what, do)
        self._seen.add(digest)
        return token


def once(tokens: Iterable[str], where: str) -> Iterator[str]:
    """Yield each cursor or link, and raise FatalError when one comes back."""
    seen = Seen(where)
    for token in tokens:
        yield seen.check(token)
