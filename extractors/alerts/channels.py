"""How a message gets out: a mail server, a chat's webhook. No error names a secret."""

from __future__ import annotations

import json
import logging
import smtplib
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from extractors.alerts.message import Message
from extractors.config import Mail
from extractors.core.errors import ExtractError, FatalError, RetriableError

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 20
IMPLICIT_TLS = 465
WEBHOOK = "alerts.webhook"
PASSWORD = "BEYOND_LIKES_SMTP_PASSWORD"


def mail(
    server: Mail, message: Message, *, password: str | None, to: Sequence[str] | None = None
) -> None:
    """Send one mail, as text and HTML, to `to`, by default to all that sources.yml names.

    Raises: FatalError when the server refuses the login or every address (of one among others
    it logs a warning); RetriableError when it cannot be reached or breaks off. Its text has the
    server's codes, never its words.
    """
    where = f"alerts.mail ({server.host}:{server.port})"
    if server.user and not password:
        what = f"no password for {server.user}; nothing was sent"
        raise FatalError(where, what, f"Set {PASSWORD} in the environment or in .env")
    problem: ExtractError | None = None
    try:
        with _connected(server, password) as connection:
            refused = connection.send_message(_built(server, message, to or server.to))
        if refused:  # the others have it: they must not get it again every night
            log.warning("%s: %d recipients were refused. Mend to:.", where, len(refused))
    except (smtplib.SMTPException, OSError) as error:
        problem = _refused(where, server, error)
    if problem:  # raised here, so that no trace carries what the server said
        raise problem


def _refused(where: str, server: Mail, error: Exception) -> ExtractError:
    """Return what went wrong in our words: a server's own may repeat what it was sent."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        what = f"the login of {server.user} was refused ({error.smtp_code})"
        return FatalError(where, what, f"Set {PASSWORD} anew, or user: in sources.yml")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = ", ".join(sorted({str(code) for code, _ in error.recipients.values()}))
        return FatalError(where, f"every recipient was refused ({codes})", "Mend to:")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        do = "Set starttls: and user: as the server offers them (port 465 is encrypted at once)"
        return FatalError(where, "the server has no STARTTLS or no login", do)
    if isinstance(error, smtplib.SMTPResponseException):
        what = f"the server refused the mail ({error.smtp_code})"
        return RetriableError(where, what, "Ask who runs it; the next run tries again")
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"its certificate is not trusted ({error.verify_message})"
        return FatalError(where, what, "Name the host as in its certificate, or have it renewed")
    return RetriableError(where, f"not reached ({_kind(error)})", _again("host: and port:"))


def post(url: str, text: str) -> None:
    """Send a text to a webhook as JSON {"text": ...}; one retry where that may help.

    Raises: RetriableError or FatalError without the URL, which is a secret by itself.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise FatalError(WEBHOOK, "no http(s) address", "Copy it whole from the chat")
    body = json.dumps({"text": text}).encode()
    problem = _posted(url, body)
    if isinstance(problem, RetriableError):
        problem = _posted(url, body)
    if problem:
        raise problem


def _connected(server: Mail, password: str | None) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    connection: smtplib.SMTP
    if server.port == IMPLICIT_TLS:
        connection = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=trusted
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.starttls and server.port != IMPLICIT_TLS:
            connection.starttls(context=trusted)
        if server.user and password:
            connection.login(server.user, password)
    except BaseException:
        connection.close()
        raise
    return connection


def _built(server: Mail, message: Message, to: Sequence[str]) -> EmailMessage:
    built = EmailMessage()
    built["Subject"] = " ".join(message.subject.split())
    built["From"], built["To"] = server.sender, ", ".join(to)
    built["Date"] = formatdate(localtime=False)
    built["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2].strip("> "))
    built["Auto-Submitted"] = "auto-generated"  # no out-of-office answers (RFC 3834)
    built.set_content(message.text)
    built.add_alternative(message.html, subtype="html")
    return built


class _Stay(urllib.request.HTTPRedirectHandler):
    """A webhook that moves is not followed: its address is a secret for one host."""

    def redirect_request(self, *_args: Any) -> None:
        return None


def _posted(url: str, body: bytes) -> ExtractError | None:
    headers: Mapping[str, str] = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as reply:
            reply.read()
        return None
    except urllib.error.HTTPError as error:
        error.close()
        what = f"the webhook answered {error.code}"
        if error.code == 429 or error.code >= 500:
            return RetriableError(WEBHOOK, what, "The next run tries again")
        return FatalError(WEBHOOK, what, "Make a new webhook in the chat and set its address")
    except (OSError, HTTPException, ValueError) as error:
        return RetriableError(WEBHOOK, f"not reached ({_kind(error)})", _again("the address"))


def _kind(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError | socket.timeout):
        return "no answer in time"
    return str(getattr(reason, "strerror", None) or type(reason).__name__)


def _again(setting: str) -> str:
    return f"Look at {setting} under alerts: in sources.yml; the next run tries again"
