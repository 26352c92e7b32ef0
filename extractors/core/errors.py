"""The one error tree of the extractors.

ExtractError
├── FatalError      a retry gives the same answer: wrong token, wrong shape, unsafe input
│   └── UsageError  the settings or the command line are wrong; nothing was tried
└── RetriableError  a retry may help: time-out, overload, connection lost
"""

import re

LONGEST = 2_000  # characters of each part; names in a file or reply may have any length
# Line breaks, terminal commands, and what turns the direction of a text.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


class ExtractError(Exception):
    """An error whose text always reads "where: what happened. What to do." in one line."""

    def __init__(self, where: str, what: str, do: str) -> None:
        self.where, self.what, self.do = _plain(where), _plain(what), _plain(do)
        super().__init__(where, what, do)

    @property
    def parts(self) -> dict[str, str]:
        """Where, what and do as texts, for manifests and `--json`."""
        return {"where": self.where, "what": self.what, "do": self.do}

    def __str__(self) -> str:
        """Return the one-line text for logs and alerts."""
        return f"{self.where}: {self.what}. {self.do}."


class FatalError(ExtractError):
    """Stop now; a person has to change something."""


class RetriableError(ExtractError):
    """Try again later; the scheduler's retry policy applies."""


class NotNowError(RetriableError):
    """Tried often enough, or hours too early: who waits for this does not try again at once."""


class UsageError(FatalError):
    """The settings or the command line are wrong; nothing was tried."""


def _plain(text: str) -> str:
    """Return the text without what a name from outside could do to a log or a terminal."""
    plain = CONTROL.sub(" ", text).strip().rstrip(".")
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
