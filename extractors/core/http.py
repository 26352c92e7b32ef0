"""One HTTP client for every source: bounded retries around request and body, one host only."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from urllib3.exceptions import HTTPError

from extractors.core.errors import ExtractError, FatalError, NotNowError, RetriableError
from extractors.core.links import OneHost, Seen, once
from extractors.core.replies import RateSignal, Reply, fetched_at, judge

__all__ = ["Client", "OneHost", "RateSignal", "Reply", "Seen", "once"]

CONNECT_SECONDS, READ_SECONDS = 5.0, 60.0
LONGEST_BACKOFF_SECONDS, LONGEST_WAIT_SECONDS = 60.0, 960.0  # quota windows last 15 minutes
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LARGEST_BODY = 512 * 2**20  # bytes unpacked; a page is held in memory, and a reply may be packed

log = logging.getLogger(__name__)
# urllib3 writes the whole query at DEBUG, and some platforms want their key there.
logging.getLogger("urllib3.connectionpool").addFilter(lambda line: line.levelno > logging.DEBUG)

Explain: TypeAlias = Callable[[Reply], ExtractError | None]
Auth: TypeAlias = Callable[[requests.PreparedRequest], requests.PreparedRequest]
Parse: TypeAlias = Callable[[bytes, Mapping[str, str]], Any]  # ValueError: the body is not whole


class Client:
    """Reads from one source account; keeps its connection, quota and credentials.

    Shape: `explain` turns error codes inside bodies (with status 200, too) into errors; `meaning`
    gives a reply the status that its code stands for; `auth` may have a method `refresh()`, which
    is called once after a 401; `elsewhere` maps the beginning of a path to the address of another
    API of the same platform, see OneHost.
    """

    def __init__(
        self,
        base_url: str,
        *,
        where: str,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        rate: RateSignal | None = None,
        attempts: int = 6,
        backoff_seconds: float = 1.0,
        sleep: Callable[[float], object] = time.sleep,
        explain: Explain | None = None,
        meaning: Callable[[Reply], Reply] | None = None,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        self._host = OneHost(base_url, where, elsewhere)
        self._where, self._auth, self._explain = where, auth or _nobody, explain
        self._meaning = meaning
        self._rate = rate or RateSignal()
        self._attempts, self._backoff, self._sleep = attempts, backoff_seconds, sleep
        self._quota_wait = 0.0
        self._session = requests.Session()
        # Our own loop retries; a second one below it would hide replies and multiply waits.
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))
        self._headers = {
            **self._session.headers,
            "Accept": "application/json",
            **(headers or {}),
        }
        self._proxies = self._session.merge_environment_settings(base_url, {}, None, None, None)

    def get(
        self,
        path_or_url: str,
        params: Mapping[str, str] | str | None = None,
        *,
        where: str | None = None,
    ) -> Reply:
        """Return the parsed reply; `params` as text is a query that is encoded already.

        Raises: RetriableError when it stays overloaded, silent or cut off; FatalError on any other
        status, a refused token, or a link or redirect that leaves the configured host.
        """
        return self._fetch("GET", path_or_url, where, params=params)

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        where: str | None = None,
    ) -> Reply:
        """Return the reply of a POST that only reads (a search, a token), retried like a GET."""
        return self._fetch("POST", path, where, json=json, data=form)

    def text(
        self,
        path_or_url: str,
        params: Mapping[str, str] | None = None,
        *,
        accept: str,
        whole: Callable[[str, Mapping[str, str]], bool],
        where: str | None = None,
    ) -> Reply:
        """Return the reply of a GET whose body is text in UTF-8, such as CSV.

        Shape: `whole` says of body and headers whether nothing is missing; what is not whole is
        asked for again, as JSON that is cut off would be. Errors are JSON all the same.
        """

        def parse(body: bytes, headers: Mapping[str, str]) -> str:
            text = body.decode("utf-8-sig")
            if not whole(text, headers):
                raise ValueError("not whole")
            return text

        return self._fetch("GET", path_or_url, where, parse, params=params, accept=accept)

    def wait(self, seconds: float, where: str) -> None:
        """Wait for a report that the platform makes, as the waits between attempts are waited."""
        self._pause(seconds, where)

    def _fetch(
        self,
        method: str,
        target: str,
        where: str | None,
        parse: Parse | None = None,
        **send: Any,
    ) -> Reply:
        where, refreshed, number = where or self._where, False, 0
        while True:
            number += 1
            self._keep_quota(where)
            wait: float | None = None
            try:
                reply = self._once(method, target, where, parse, **send)
                if reply.status == 401 and not refreshed and hasattr(self._auth, "refresh"):
                    self._auth.refresh()
                    refreshed, number = True, number - 1
                    continue
                trouble = (self._explain(reply) if self._explain else None) or judge(reply)
                if trouble is None:
                    self._quota_wait = max(self._quota_wait, self._rate.spent(reply))
                    return reply
                wait = self._rate.asked(reply)
            except NotNowError:  # of the address that gives tokens
                raise
            except RetriableError as error:
                trouble = error
            if isinstance(trouble, FatalError):
                raise trouble
            if number >= self._attempts:
                what = f"{trouble.what} after {number} attempts"
                raise NotNowError(trouble.where, what, trouble.do) from None
            if wait is not None:
                self._quota_wait = 0.0  # the same wait, named twice
            self._pause(wait if wait is not None else self._spread(number), where)

    def _once(
        self, method: str, target: str, where: str, parse: Parse | None, **send: Any
    ) -> Reply:
        url = self._host.join(target)
        for _hop in range(5):
            self._host.check(url, where)  # before a library raises its own error on it
            prepared = self._prepared(method, url, **send)
            self._host.check(str(prepared.url), where)
            answer, body = self._exchange(prepared, where)
            if answer.status_code not in REDIRECTS or "Location" not in answer.headers:
                return self._reply(answer, body, where, parse)
            url, send["params"] = self._host.redirect(str(prepared.url), answer, where), None
        raise FatalError(where, "redirected five times in a row", "Check base_url")

    def _prepared(
        self,
        method: str,
        url: str,
        *,
        params: Any = None,
        json: Any = None,
        data: Any = None,
        accept: str | None = None,
    ) -> requests.PreparedRequest:
        """Build the request without the session's merging, which costs more than sending it."""
        request = requests.PreparedRequest()
        request.prepare_method(method)
        request.prepare_url(url, params)
        request.prepare_headers({**self._headers, **({"Accept": accept} if accept else {})})
        request.prepare_cookies(self._session.cookies)
        if method != "GET":
            request.prepare_body(data, None, json)
        return self._auth(request)

    def _exchange(
        self, prepared: requests.PreparedRequest, where: str
    ) -> tuple[requests.Response, bytes]:
        """Send once and read the whole body, so that a lost connection is seen here."""
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        settings: dict[str, Any] = {**self._proxies, "stream": True}
        try:
            # Not by the session: it reads the whole body of a redirect, however large, by itself.
            answer = self._session.get_adapter(str(prepared.url)).send(
                prepared, timeout=timeout, **settings
            )
            with answer:
                extract_cookies_to_jar(  # type: ignore[no-untyped-call]
                    self._session.cookies, prepared, answer.raw
                )
                body = answer.raw.read(LARGEST_BODY + 1, decode_content=True)
        except (requests.RequestException, HTTPError, OSError) as error:
            # Not chained: the library's text holds the query, and with it possibly a key.
            what = f"no whole reply from {self._host.name} ({type(error).__name__})"
            do = "Check the network and the platform's status page, then run again"
            raise RetriableError(where, what, do) from None
        path = str(prepared.path_url).partition("?")[0]
        if len(body) > LARGEST_BODY:
            what = f"{prepared.method} {path} gave more than {LARGEST_BODY // 2**20} MB"
            raise FatalError(where, what, "Check base_url, and the platform's status page")
        log.debug("%s %s %s: %s, %s bytes", where, prepared.method, path, answer.status_code,
                  len(body))  # fmt: skip
        return answer, body

    def _reply(
        self, answer: requests.Response, body: bytes, where: str, parse: Parse | None
    ) -> Reply:
        """Parse the body; one that is cut off with status 200 may be whole the next time."""
        path = str(answer.request.path_url).partition("?")[0]
        request = f"{answer.request.method} {path}"
        at = fetched_at(answer.headers)
        self._quota_wait = self._rate.exhausted(answer.headers, at)
        parsed: Any = None
        try:
            parsed = (parse if parse and answer.ok else _json)(body, answer.headers)
        except ValueError:
            if answer.ok:
                kind = answer.headers.get("Content-Type", "no content type").partition(";")[0]
                noun = "text" if parse else "JSON"
                what = f"{request} gave {len(body)} bytes that are no whole {noun} ({kind})"
                raise RetriableError(where, what, "Check base_url, then run again") from None
        reply = Reply(answer.status_code, answer.headers, parsed, at, where, request)
        return self._meaning(reply) if self._meaning else reply

    def _keep_quota(self, where: str) -> None:
        if self._quota_wait:
            wait, self._quota_wait = self._quota_wait, 0.0
            self._pause(wait, where)

    def _pause(self, seconds: float, where: str) -> None:
        if seconds > LONGEST_WAIT_SECONDS:
            what = f"{self._host.name} asks to wait {seconds:.0f} s"
            raise NotNowError(where, what, "Run again after that time") from None
        log.info("%s: waiting %.1f s for %s", where, seconds, self._host.name)
        self._sleep(seconds)

    def _spread(self, number: int) -> float:
        """Exponential backoff with jitter, so that parallel streams do not knock together."""
        longest = min(self._backoff * 2.0 ** (number - 1), LONGEST_BACKOFF_SECONDS)
        return longest * (0.5 + random.random() / 2)


def _json(body: bytes, _headers: Mapping[str, str]) -> Any:
    return orjson.loads(body) if body.strip() else {}


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no credentials; without it, requests would look for some in ~/.netrc."""
    return request
