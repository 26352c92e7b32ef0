"""The settings that people write: sources.yml, checked with errors that name the key."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from extractors.core.ages import first_day
from extractors.core.errors import UsageError

Rule = Literal["kpi", "vanity", "stale", "drift", "rejects", "late"]
RULES: tuple[Rule, ...] = ("kpi", "vanity", "stale", "drift", "rejects", "late")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=-]+)*/?", re.ASCII)
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class Mail(BaseModel):
    """A mail server; its password comes from BEYOND_LIKES_SMTP_PASSWORD alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = 587
    sender: str = Field(alias="from", min_length=3)
    to: list[str] = Field(min_length=1)
    starttls: bool = True
    user: str | None = None

    @field_validator("to", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Mail:
        if self.user and not self.starttls and self.port != 465 and self.host not in THIS_MACHINE:
            raise ValueError("a password needs an encrypted connection: set starttls: true")
        return self


class Alerts(BaseModel):
    """Who is told what: rules, mail, chat webhook, language of the messages, link to the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[Rule, ...] = RULES
    mail: Mail | None = None
    webhook: SecretStr | None = None
    language: Literal["de", "en"] | None = None  # as the page, where it is not set
    link: str | None = Field(default=None, pattern="^https?://")
    ended: bool = True
    digest_to_owners: bool = False


class Config(BaseModel):
    """One sources.yml. Relative paths are relative to the file's folder, `folder`.

    `name` is the company's, over the review page; `language` is the one that the page opens in.
    `smallest_cell` is the fewest persons of whom a count is published (None: any).

    `landing` is a folder or s3://bucket/prefix (default: landing in `home`).

    Shape: `sources` maps a source's key to its own settings; `file_drop` maps entities to lists of
    mappings; `drop` is the folder of exports that are named like their entity (default: drop in
    `home`); `keep` maps a source or one of its streams to the age that its rows may have.
    Raises (from `read`): UsageError that names the file and the key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    home: Path = Path("data")
    landing: str | None = None
    name: str = ""
    language: Literal["en", "de"] = "en"
    timezone: str = "UTC"
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    company: Path = Path("company")
    drop: Path | None = None
    reject_limit: float = Field(default=0.05, ge=0, le=1)
    smallest_cell: int | None = Field(default=None, ge=2)
    since: date | None = None
    keep: dict[str, str] = Field(default_factory=dict)
    alerts: Alerts | None = None
    sources: dict[str, dict[str, Any]] = Field(default_factory=dict)

    @field_validator("sources", mode="before")
    @classmethod
    def _empty_means_defaults(cls, value: Any) -> Any:
        if value is None:
            return {}
        if isinstance(value, dict):
            return {name: {} if lines is None else lines for name, lines in value.items()}
        return value

    @field_validator("keep", mode="before")
    @classmethod
    def _ages(cls, value: Any) -> Any:
        for name, age in (value or {}).items():
            try:
                first_day(str(age), date.max)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        return value or {}

    @field_validator("landing")
    @classmethod
    def _a_folder_or_a_bucket(cls, value: str | None) -> str | None:
        if value and "://" in value and not BUCKET.fullmatch(value):
            raise ValueError("write a folder or s3://bucket/prefix; a key never stands here")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no IANA time zone such as Europe/Berlin") from error
        return value

    def path(self, value: Path | str) -> Path:
        """Return `value` as an absolute path, relative to the folder of sources.yml."""
        return Path(os.path.normpath(self.folder / value))


def read(file: Path, *, home: str | None = None) -> Config:
    """Return the checked settings of `file`; `home` (from the environment) beats the file's own.

    Raises: UsageError on a missing file, unreadable YAML or a value that does not fit.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        do = "Write one (docs/how-to/own-export.md shows the smallest) or name it with --config"
        raise UsageError(str(file), f"no settings file here ({error.strerror})", do) from error
    try:
        lines = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        what = "not readable as YAML: " + " ".join(str(error).split())
        raise UsageError(str(file), what, "Mend that line") from error
    if not isinstance(lines, dict):
        raise UsageError(str(file), "expected keys such as sources:", "Compare with sources.yml")
    try:
        config = Config(folder=file.parent.absolute(), **lines)
    except (ValidationError, TypeError) as error:
        raise UsageError(str(file), _first(error), "Mend that line") from error
    root = Path(home).absolute() if home else config.path(config.home)
    drop = config.path(config.drop) if config.drop else root / "drop"
    company = config.path(config.company)
    landing = config.landing
    if landing and "://" not in landing:
        landing = str(config.path(landing))
    own = {"home": root, "company": company, "drop": drop, "landing": landing}
    return config.model_copy(update=own)


def _first(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "settings"
    return f"{key}: {first['msg'].removeprefix('Value error, ')}"
