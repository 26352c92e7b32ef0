"""The one error tree of the extractors.

ExtractError
├── FatalError      a retry gives the same answer: wrong token, wrong shape, unsafe input
│   └── UsageError  the settings or the command line are wrong; nothing was tried
└── RetriableError  a retry may help: time-out, overload, connection lost
"""


class ExtractError(Exception):
    """An error whose text always reads "where: what happened. What to do."."""

    def __init__(self, where: str, what: str, do: str) -> None:
        self.where, self.what, self.do = where, what.rstrip("."), do.rstrip(".")
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


class UsageError(FatalError):
    """The settings or the command line are wrong; nothing was tried."""
