"""A mail server on this machine: takes mail as a real one does, keeps it, refuses when told to."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """What arrived, and how the server behaves. `password` asks for a login of `user`."""

    port: int = 0
    user: str = "bot"
    password: str | None = None
    refuses: int | None = None  # the code that every recipient gets
    gone: tuple[str, ...] = ()  # addresses that are not here
    tls: ssl.SSLContext | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def text(self, index: int = -1) -> str:
        """Return the plain text of one mail."""
        return self._part(index, "plain")

    def html(self, index: int = -1) -> str:
        """Return the HTML of one mail."""
        return self._part(index, "html")

    def _part(self, index: int, kind: str) -> str:
        part = self.mails[index].get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.known: MailServer = self.server.known  # type: ignore[attr-defined]
        self.to: list[str] = []
        self.secure = False
        self.logged_in = self.known.password is None
        self.say("220 localhost ready")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if not self.answer(verb.upper(), rest):
                return

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def answer(self, verb: str, rest: str) -> bool:
        if verb == "EHLO":
            offers = ["AUTH PLAIN"] if self.known.password else []
            offers += ["STARTTLS"] if self.known.tls and not self.secure else []
            names = ["localhost", *offers]
            self.say(*(f"250-{name}" for name in names[:-1]), f"250 {names[-1]}")
        elif verb == "STARTTLS":
            self.say("220 go on")
            return self.encrypt()
        elif verb == "AUTH":
            self.login(rest)
        elif verb == "MAIL":
            self.to = []
            self.say("250 ok" if self.logged_in else "530 log in first")
        elif verb == "RCPT":
            self.recipient(rest)
        elif verb == "DATA":
            self.take()
        else:
            self.say("221 bye" if verb == "QUIT" else "250 ok")
        return verb != "QUIT"

    def encrypt(self) -> bool:
        assert self.known.tls
        try:
            wrapped = self.known.tls.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            return False  # the client does not trust us
        self.connection, self.secure = wrapped, True
        self.rfile, self.wfile = wrapped.makefile("rb"), wrapped.makefile("wb", buffering=0)  # type: ignore[assignment]
        return True

    def login(self, rest: str) -> None:
        sent = base64.b64decode(rest.partition(" ")[2]).decode()
        self.logged_in = sent == f"\0{self.known.user}\0{self.known.password}"
        self.say("235 welcome" if self.logged_in else f"535 {sent!r} is wrong")

    def recipient(self, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        if self.known.refuses or address in self.known.gone:
            self.say(f"{self.known.refuses or 550} {rest} is not here")
        else:
            self.to.append(address)
            self.say("250 ok")

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self.known.mails.append(mail)
        self.known.recipients.append(self.to)
        self.known.encrypted.append(self.secure)
        self.say("250 taken")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mail_server(known: MailServer | None = None) -> Iterator[MailServer]:
    """Yield a mail server that listens on a free port of 127.0.0.1 until the block ends."""
    known = known or MailServer()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.known = known  # type: ignore[attr-defined]
        known.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield known
        server.shutdown()
        thread.join()
