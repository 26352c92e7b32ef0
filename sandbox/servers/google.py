"""What Google's fake APIs share: the token endpoint, tokens of an hour, the shape of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from sandbox.company.base import words
from sandbox.servers.wire import Reply, Request

LIFE_SECONDS = 3599
STATES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}
UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or"
    " other valid authentication credential."
)
# Every API takes these beside its own parameters.
COMMON = frozenset(
    words(
        "$.xgafv $alt access_token alt callback fields key oauth_token prettyPrint quotaUser"
        " uploadType upload_protocol"
    )
)


class Tokens:
    """Access tokens of one client and refresh token."""

    def __init__(self, secrets: Mapping[str, str], name: str) -> None:
        prefix = f"BEYOND_LIKES_{name.upper()}_"
        fields = ("client_id", "client_secret", "refresh_token")
        self._wanted = {field: secrets[prefix + field.upper()] for field in fields}
        self._name, self._good, self._count = name, set[str](), 0

    def expire(self) -> None:
        """Let the hour of every token pass."""
        self._good = set()

    def fetch(self, request: Request) -> Reply:
        """Answer the token endpoint: a new access token, the refresh token stays as it is."""
        form = request.form
        client = ("client_id", "client_secret")
        if any(form.get(field) != self._wanted[field] for field in client):
            text = "The OAuth client was not found."
            return Reply({"error": "invalid_client", "error_description": text}, 401)
        if form.get("grant_type") != "refresh_token":
            text = f"Invalid grant_type: {form.get('grant_type')}"
            return Reply({"error": "unsupported_grant_type", "error_description": text}, 400)
        if form.get("refresh_token") != self._wanted["refresh_token"]:
            text = "Token has been expired or revoked."
            return Reply({"error": "invalid_grant", "error_description": text}, 400)
        self._count += 1
        token = f"ya29.sandbox-{self._name}-{self._count}"
        self._good.add(token)
        body = {"access_token": token, "expires_in": LIFE_SECONDS, "token_type": "Bearer"}
        return Reply(body | {"scope": "https://www.googleapis.com/auth/sandbox.readonly"})

    def refuse(self, request: Request) -> Reply | None:
        """Return the error of a call without a good token."""
        if request.bearer in self._good:
            return None
        return error(401, UNAUTHENTICATED, "authError", location="Authorization")


def error(
    status: int, message: str, reason: str = "badRequest", location: str | None = None
) -> Reply:
    """Return an error in both of Google's forms: the older list, and the state."""
    detail = {"message": message, "domain": "global", "reason": reason}
    detail |= {"location": location} if location else {}
    body: dict[str, Any] = {"code": status, "message": message, "errors": [detail]}
    return Reply({"error": body | {"status": STATES[status]}}, status)


def listed(request: Request, name: str) -> list[str]:
    """Return the items of a list, which may be one text with commas or a parameter repeated."""
    given = (text for key, text in parse_qsl(request.query) if key == name)
    return [item.strip() for text in given for item in text.split(",") if item.strip()]


def unknown(request: Request, own: set[str]) -> Reply | None:
    """Return the error of a query with a parameter that the method does not have."""
    for name in request.params:
        if name not in own | COMMON:
            text = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query'
            return error(400, f"{text} parameter. Field '{name}' could not be found in request.")
    return None
