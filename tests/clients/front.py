"""A TLS front of the sandbox: answers as fixed hosts, with a certificate authority of its own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sandbox.serve import Handler, Sandbox, Server
from sandbox.servers.wire import Reply, Request

LEAD = Path(__file__).with_name("lead")


@dataclass(frozen=True)
class Front:
    """Hosts, port and authority of a running front."""

    hosts: Sequence[str]
    port: int
    authority: Path

    def env(self) -> dict[str, str]:
        """Return what a client's process needs so that it finds and trusts the front."""
        return {
            "PYTHONPATH": str(LEAD),
            "SANDBOX_HOSTS": " ".join(self.hosts),
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_AUTHORITY": str(self.authority),
        }


@contextmanager
def fronted(sandbox: Sandbox, folder: Path, platform: str, hosts: Sequence[str]) -> Iterator[Front]:
    """Answer as `hosts` over TLS with what one platform of the sandbox says, links included."""
    authority, leaf = certify(folder, hosts or ["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf)

    class Fixed(Handler):
        """Answers as the host that was asked for."""

        def answer(self, request: Request) -> Reply:
            host = request.headers.get("host", "").partition(":")[0]
            if host not in hosts:
                return Reply({"error": f"the front has no host {host!r}"}, 421)
            request.path = f"/{platform}{request.path}"
            return self.sandbox.answer(request, base=f"https://{host}")

    class Secure(Server):
        """Shakes hands in the thread of the connection."""

        def get_request(self) -> tuple[socket, Any]:
            plain, address = super().get_request()
            wrapped = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            return wrapped, address

    Fixed.sandbox = sandbox
    with Secure(("127.0.0.1", 0), Fixed) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield Front(hosts, server.server_address[1], authority)
        finally:
            server.shutdown()
            thread.join()


def certify(folder: Path, hosts: Sequence[str]) -> tuple[Path, Path]:
    """Write an authority's certificate, and a certificate for `hosts` with its key; both PEM."""
    own, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _named("beyond-likes test authority")
    above = _certificate(issuer, issuer, own)
    above = above.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    below = _certificate(_named("beyond-likes test front"), issuer, leaf)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    below = below.add_extension(names, critical=False)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    below = below.add_extension(usage, critical=False)
    key = leaf.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    authority, chain = folder / "authority.pem", folder / "front.pem"
    pem = serialization.Encoding.PEM
    authority.write_bytes(above.sign(own, hashes.SHA256()).public_bytes(pem))
    chain.write_bytes(key + below.sign(own, hashes.SHA256()).public_bytes(pem))
    return authority, chain


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    """Return a certificate that is valid for the test's day only, still to be signed."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )
