"""One company's pipeline: its settings, where its data lies, its sources, keys and credentials."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from extractors import config as settings
from extractors import foreign
from extractors import sources as source_modules
from extractors.config import Config
from extractors.core.ages import first_day
from extractors.core.erasing import Erased
from extractors.core.errors import FatalError, UsageError
from extractors.core.keeping import Kept, write_private
from extractors.core.places import Place, place
from extractors.core.privacy import LINK, key_id
from extractors.core.types import Account, Source, Stream, streams_of

DBT_PROJECT = Path(__file__).parents[1] / "dbt_project"
FILE_SOURCES = ("file_drop", "company")
MIN_KEY_LENGTH = 32


@cache
def modules() -> Mapping[str, ModuleType]:
    """Return every source module by its key: one module is one source, found by its name."""
    names = sorted(info.name for info in pkgutil.iter_modules(source_modules.__path__))
    return {name: importlib.import_module(f"{source_modules.__name__}.{name}") for name in names}


@cache
def streams() -> Mapping[str, Stream]:
    """Return every known stream by its label, configured or not."""
    found: dict[str, Stream] = {}
    for name, module in modules().items():
        own = module.STREAMS if name in FILE_SOURCES else streams_of(module)
        found.update({stream.label: stream for stream in own.values()})
    return found


def kpis() -> list[dict[str, Any]]:
    """Return all KPIs that dbt_project defines (metrics with `meta: {kpi: true}`), as written.

    Shape: kpi, label, description and the keys of its `meta` (goal, department, unit, ...).
    """
    metrics = [
        metric
        for file in sorted(DBT_PROJECT.glob("models/metrics/**/*.yml"))
        for metric in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("metrics", [])
    ]
    return [
        {**meta, "kpi": one["name"], "label": one["label"], "description": one["description"]}
        for one in metrics
        if (meta := one.get("config", {}).get("meta", {})).get("kpi")
    ]


def known_kpis() -> frozenset[str]:
    """Return the keys of all KPIs."""
    return frozenset(str(one["kpi"]) for one in kpis())


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of one sources.yml joined with an environment. Reads no other state."""

    config: Config
    env: Mapping[str, str]

    @classmethod
    def open(cls, file: Path, env: Mapping[str, str]) -> Project:
        """Return the project of `file`; an .env file beside it fills what `env` lacks.

        A variable may be given as a file (its name and _FILE), as container secrets are.
        Raises: UsageError on unreadable settings or a source that does not exist.
        """
        config = settings.read(file, home=env.get("BEYOND_LIKES_HOME"))
        others = foreign.settings(config)
        unknown = sorted(set(config.sources) - set(modules()) - set(others))
        if unknown:
            known = ", ".join(sorted(set(modules()) - {"company"}))
            raise UsageError(str(file), f"unknown source {unknown[0]!r}", f"Choose from: {known}")
        for name in config.keep:
            source = name.partition(".")[0]
            if source == "company" or not _labels(name):
                near = _labels(source) or sorted(set(modules()) - {"company"})
                what, do = f"unknown source or stream {name!r}", f"Choose from: {', '.join(near)}"
                raise UsageError(f"{file} keep", what, do)
        return cls(config, _with_files({**_dotenv(file.parent / ".env"), **env}))

    @property
    def landing(self) -> Place:
        """Where everything that arrived lies."""
        return place(self.config.landing or str(self.config.home / "landing"))

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that only the loader and dbt write."""
        return self.config.home / "warehouse.duckdb"

    def first_days(self, today: date) -> dict[str, date]:
        """Return the first day that is kept, by stream; a stream's own age beats its source's."""
        found = {}
        for name in sorted(self.config.keep, key=lambda name: "." in name):
            found.update(dict.fromkeys(_labels(name), first_day(self.config.keep[name], today)))
        return found

    @property
    def erased(self) -> Erased:
        """The persons who are kept out."""
        return Erased(self.config.home / "secrets" / "erased.json", self.hmac_key())

    @property
    def api_sources(self) -> list[str]:
        """Configured sources that are reached over HTTP, by us."""
        others = foreign.settings(self.config)
        return [name for name in self.config.sources if name not in (*FILE_SOURCES, *others)]

    def account(self, name: str) -> Account:
        """Return address, settings and credentials of one configured source.

        Raises: FatalError that names the missing setting or the variable to set.
        """
        source: Source = modules()[name].SOURCE
        lines = self._lines(name)
        for key in source.settings:
            if not lines.get(key):
                do = f"Add `{key}:` under `{name}:` in sources.yml"
                raise FatalError(name, f"setting {key} is missing", do)
        keep = self._keep(name)
        found = self._found(name, keep)
        for field in source.credentials:
            if field not in found:
                do = f"Set {variable(name, field)} in the environment or in .env beside sources.yml"
                raise FatalError(name, f"no credential {field}; nothing was loaded", do)
        base = lines.get("base_url", source.base_url)
        return Account(name, base, lines, found, keep)

    def lacking(self, name: str) -> tuple[list[str], list[str]]:
        """Return the settings and the credentials' variables that a configured source still needs.

        A source whose credentials are all optional (one of several ways in) needs some of them.
        """
        source: Source = modules()[name].SOURCE
        lines, found = self._lines(name), self._found(name, self._keep(name))
        needed = source.credentials or (() if found else source.optional_credentials)
        settings = [key for key in source.settings if not lines.get(key)]
        return settings, [variable(name, field) for field in needed if field not in found]

    def _lines(self, name: str) -> dict[str, str]:
        """Return a source's own lines; a key without a value is not set."""
        lines = self.config.sources[name].items()
        return {key: str(value) for key, value in lines if value is not None}

    def _keep(self, name: str) -> Kept:
        given = self.env.get(variable(name, "refresh_token"), "")
        return Kept(self.config.home / "secrets" / f"{name}.json", given=given)

    def _found(self, name: str, keep: Kept) -> dict[str, str]:
        source: Source = modules()[name].SOURCE
        kept = keep.read()
        return {
            field: value
            for field in (*source.credentials, *source.optional_credentials)
            if (value := kept.get(field) or self.env.get(variable(name, field)))
        }

    def hmac_key(self) -> bytes:
        """Return the key of the pseudonyms: from the environment, else made once in secrets/.

        Raises: FatalError when the given key is shorter than 32 characters.
        """
        given = self.env.get("BEYOND_LIKES_HMAC_KEY")
        if given is None:
            file = self._secrets() / "hmac_key"
            if not file.exists():
                write_private(file, secrets.token_hex(32), replace=False)
            given = file.read_text(encoding="utf-8")
        if len(given) < MIN_KEY_LENGTH:
            what = f"the key has {len(given)} characters, {MIN_KEY_LENGTH} are needed"
            raise FatalError("BEYOND_LIKES_HMAC_KEY", what, "Set a longer random text")
        return given.encode()

    def next_key(self) -> Path | None:
        """Make the key a chain with a new one at its end; return the file that says so meanwhile.

        Whoever is stopped finds the same new key there; the caller removes it when all is done.
        None where the key is given by the environment: there, the chain is as well.
        Raises: UsageError when that one has no second key.
        """
        if "BEYOND_LIKES_HMAC_KEY" in self.env:
            if LINK in key_id(self.hmac_key()):
                return None
            do = (
                "Set BEYOND_LIKES_HMAC_KEY, or the file that BEYOND_LIKES_HMAC_KEY_FILE names, to"
                " the key so far and on a second line a new one, everywhere, then run this again"
            )
            raise UsageError("rotate-key", "the key is given and has one line", do)
        file, draft = self._secrets() / "hmac_key", self._secrets() / "hmac_key.next"
        chain = f"{self.hmac_key().decode()}\n{secrets.token_hex(32)}"
        write_private(draft, chain, replace=False)
        write_private(file, draft.read_text(encoding="utf-8"), replace=True)
        return draft

    def _secrets(self) -> Path:
        folder = self.config.home / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder


def _labels(name: str) -> list[str]:
    """Return the streams that a source's or a stream's name stands for."""
    return [label for label, one in streams().items() if name in (one.source, label)]


def variable(source: str, field: str) -> str:
    """Return the environment variable of one credential."""
    return f"BEYOND_LIKES_{source}_{field}".upper()


def _with_files(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with each BEYOND_LIKES_X that only BEYOND_LIKES_X_FILE names.

    Raises: FatalError when such a file cannot be read.
    """
    read = dict(env)
    for name, file in env.items():
        bare = name.removesuffix("_FILE")
        if name == bare or not name.startswith("BEYOND_LIKES_") or env.get(bare):
            continue
        try:
            read[bare] = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            what = f"{file} cannot be read ({error.strerror})"
            raise FatalError(name, what, "Name a file that this user may read") from error
    return read


def _dotenv(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (
        line.removeprefix("export ").partition("=")
        for raw in file.read_text(encoding="utf-8").splitlines()
        if (line := raw.strip()) and not line.startswith("#")
    )
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
