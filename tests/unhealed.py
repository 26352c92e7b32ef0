"""`python -m tests.unhealed`: what no retry heals, on one stream of every source that can meet it.

Three nights follow the same night: one with a permission missing, one with a key gone from the
records, one whose next page lies at another host. Each fault hits paths that one stream alone asks
for. That stream must end with a clear error and be named by the coverage mart; every other raw
table must hold the rows of a quiet night. Platforms whose pages name no address for the next one
cannot meet the third.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import duckdb

from extractors import run
from extractors.project import modules, streams
from sandbox.faults import Faults
from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES
from sandbox.servers.wire import Platform, Reply, Request
from tests.company import rows
from tests.stack import LAST, hurried, live

SIZE = {"seed": 4, "days": 60, "scale": 0.2, "sources": list(MODULES)}
KINDS = ("forbidden", "key_gone", "other_host")
NOT_OURS = "('file_drop', 'company')"


class Watched(Faults):
    """No faults; notes which paths a stream asks for, and which faults an answer could meet."""

    def __init__(self) -> None:
        super().__init__([], seed=0)
        self.label = ""
        self.asked: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def apply(self, name: str, platform: Platform, request: Request) -> Reply:
        reply = super().apply(name, platform, request)
        if "token" not in request.path.lower():
            could = self.asked[self.label][request.path]
            could.add("forbidden")
            could |= {"key_gone"} if reply.records else set()
            could |= {"other_host"} if reply.set_next and reply.next_url else set()
        return reply

    def targets(self, kind: str) -> dict[str, str]:
        """Return one stream of each source that can meet `kind`, and a path that it alone uses."""
        users: dict[str, set[str]] = defaultdict(set)
        for label, paths in self.asked.items():
            for path in paths:
                users[path].add(label)
        chosen: dict[str, str] = {}
        for label, paths in self.asked.items():
            own = [
                path
                for path, could in paths.items()
                if kind in could
                and not any(path in other and users[other] != {label} for other in users)
            ]
            if own and not any(
                streams()[seen].source == streams()[label].source for seen in chosen
            ):
                chosen[label] = own[0]
        return chosen


def quiet(sandbox: Sandbox, settings: Path) -> Watched:
    """Live through the night without a fault, stream by stream; return what each asked for."""
    watched = Watched()
    sandbox.faults = watched
    with hurried():
        for label, item in run.plan(settings, LAST).items():
            watched.label = label
            assert run.extract(settings, label, item)["errors"] == []
    assert [error for one in run.load(settings) for error in one["errors"]] == []
    return watched


def raw(home: Path) -> dict[str, tuple[int, str]]:
    """Return row count and checksum of what each raw table says, whatever brought it."""
    with duckdb.connect(str(home / "data" / "warehouse.duckdb"), read_only=True) as db:
        names = db.execute("select table_name from duckdb_tables() where schema_name = 'raw'")
        found = {}
        for (name,) in names.fetchall():
            said = f"(select columns(lambda c: not starts_with(c, '_')) from raw.\"{name}\")"
            (row,) = db.execute(
                f"select count(*), coalesce(cast(bit_xor(hash(t)) as varchar), '') from {said} t"
            ).fetchall()
            found[name] = row
        return found


def faulty(sandbox: Sandbox, home: Path, kind: str, targets: dict[str, str]) -> list[str]:
    """Live through the night with `kind` on every target; return what went wrong with that."""
    spec = ",".join(f"{streams()[label].source}:{kind}@{path}" for label, path in targets.items())
    sandbox.faults = Faults.parse(spec, seed=4, platforms=list(MODULES))
    errors = live(sandbox, home / "sources.yml", [LAST])
    wrong = [error for error in errors if error.partition(": ")[0] not in targets]
    for label in targets:
        own = [error for error in errors if error.startswith(f"{label}: ")]
        wrong += [] if len(own) == 1 else [f"{label}: {len(own)} errors"]
        wrong += [error for error in own if not _says(kind, label, error)]
    marts = home / "data" / "published" / "marts.duckdb"
    named = rows(
        marts,
        "select concat(source, '.', stream), last_error from data_coverage"
        f" where status not in ('ok', 'no_source') and source not in {NOT_OURS}",
    )
    wrong += [f"{label}: on the coverage mart" for label, _ in named if label not in targets]
    wrong += [f"{label}: not on the coverage mart" for label in targets if label not in dict(named)]
    return wrong + [f"{label}: {error}" for label, error in named if error not in errors]


def _says(kind: str, label: str, error: str) -> bool:
    stream = streams()[label]
    words = {
        "forbidden": modules()[stream.source].SOURCE.permissions[stream.name],
        "key_gone": "a record has no field",
        "other_host": "a link leads to http://other.example",
    }
    return words[kind] in error


def main() -> int:
    """Print what each night showed; exit 1 where anything was wrong."""
    out = Path(tempfile.mkdtemp(prefix="beyond-likes-unhealed-"))
    failed = False
    with running(out / "before", last_day=LAST, **SIZE) as sandbox:  # type: ignore[arg-type]
        live(sandbox, out / "before" / "sources.yml", [LAST - timedelta(days=1)])
        sandbox.set_day(LAST)
        shutil.copytree(out / "before", out / "quiet", symlinks=True)
        watched = quiet(sandbox, out / "quiet" / "sources.yml")
        expected = raw(out / "quiet")
        for kind in KINDS:
            targets = watched.targets(kind)
            shutil.copytree(out / "before", out / kind, symlinks=True)
            wrong = faulty(sandbox, out / kind, kind, targets)
            spared = {stream.replace(".", "__") for stream in targets}
            found = raw(out / kind)
            same = [name for name in expected if name not in spared]
            wrong += [f"{name}: other rows" for name in same if found[name] != expected[name]]
            print(f"{kind}: {len(targets)} sources ({', '.join(targets)});"
                  f" {len(same)} other tables, {len(wrong)} findings", flush=True)  # fmt: skip
            print(*wrong, sep="\n", end="\n" if wrong else "")
            failed = failed or bool(wrong) or not targets
    for kind in KINDS:
        met = {streams()[label].source for label in watched.targets(kind)}
        print(f"{kind}: not met by {', '.join(sorted(set(MODULES) - met)) or 'none'}")
    shutil.rmtree(out)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
