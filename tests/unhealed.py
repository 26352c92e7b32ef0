"""`python -m tests.unhealed`: what no retry heals, on one stream of every source that can meet it.

Three nights follow the same night: one with a permission missing, one with a key gone from the
records, one whose next page lies at another host. Each fault hits paths that one stream alone asks
for. That stream must end with a clear error and be named by the coverage mart; every other raw
table must hold the rows of a quiet night. Platforms whose pages name no address for the next one
cannot meet the third.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

from extractors import run
from extractors.project import modules, streams
from sandbox.faults import Faults
from sandbox.serve import Sandbox, running
from sandbox.servers import MODULES
from sandbox.servers.wire import Platform, Reply, Request
from tests.company import rows
from tests.readers import raw
from tests.stack import LAST, hurried, live

DAYS = 200
SIZE = {"seed": 4, "days": DAYS, "scale": 1.0, "sources": list(MODULES)}
SINCE = LAST - timedelta(days=DAYS - 2)  # far enough back for lists of more than one page
KINDS = ("forbidden", "key_gone", "other_host")
NOT_OURS = "('file_drop', 'company')"


class Watched(Faults):
    """No faults; notes how many answers of a stream's paths could meet which fault, in records."""

    def __init__(self) -> None:
        super().__init__([], seed=0)
        self.label = ""
        self.asked: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def apply(self, name: str, platform: Platform, request: Request) -> Reply:
        reply = super().apply(name, platform, request)
        if "token" not in request.path.lower():
            could, records = self.asked[self.label][request.path], len(reply.records or ())
            could["forbidden"] += 1
            could["key_gone"] += records if _reads_the_key(self.label, reply) else 0
            could["other_host"] += records if _shows_its_next(reply) else 0
        return reply

    def keep(self, other: Watched) -> None:
        """Forget paths that the same night did not ask for again: a job's, a report's."""
        for label, paths in self.asked.items():
            self.asked[label] = {p: could for p, could in paths.items() if p in other.asked[label]}

    def targets(self, kind: str) -> dict[str, str]:
        """Return the stream of each source that `kind` hits hardest, and a path of its own."""
        users: dict[str, set[str]] = defaultdict(set)
        for label, paths in self.asked.items():
            for path in paths:
                users[path].add(label)
        hardest: dict[str, tuple[int, str, str]] = {}
        for label, paths in self.asked.items():
            for path, could in paths.items():
                shared = any(path in other and users[other] != {label} for other in users)
                source = streams()[label].source
                if could[kind] > hardest.get(source, (0,))[0] and not shared:
                    hardest[source] = (could[kind], label, path)
        return {label: path for _, label, path in hardest.values()}


def _reads_the_key(label: str, reply: Reply) -> bool:
    """Tell whether the field that a fault takes away is one that the stream's key is made of."""
    stream, records = streams()[label], reply.records or []
    read = {part for k in stream.key for part in (k, *(stream.columns[k].path or "").split("."))}
    return bool(records) and next((k for k in reply.key_fields if k in records[0]), "") in read


def _shows_its_next(reply: Reply) -> bool:
    """Tell whether a client gets the address of the next page, and no cursor alone."""
    if not reply.next_url or not reply.set_next:
        return False
    return reply.next_url in json.dumps(reply.body) + "".join(reply.headers.values())


def quiet(sandbox: Sandbox, settings: Path) -> Watched:
    """Live through the night without a fault, stream by stream; return what each asked for."""
    watched = Watched()
    sandbox.faults = watched
    with hurried():
        for label, item in run.plan(settings, LAST, since=SINCE).items():
            watched.label = label
            assert run.extract(settings, label, item)["errors"] == []
    assert [error for one in run.load(settings) for error in one["errors"]] == []
    return watched


def faulty(sandbox: Sandbox, home: Path, kind: str, targets: dict[str, str]) -> list[str]:
    """Live through the night with `kind` on every target; return what went wrong with that."""
    spec = ",".join(f"{streams()[label].source}:{kind}@{path}" for label, path in targets.items())
    sandbox.faults = Faults.parse(spec, seed=4, platforms=list(MODULES))
    settings = home / "sources.yml"
    with hurried():
        outcomes = run.extract_all(settings, run.plan(settings, LAST, since=SINCE))
    errors = [error for one in [*outcomes, *run.load(settings)] for error in one["errors"]]
    run.build(settings, LAST)
    run.publish(settings)
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
        "forbidden": re.escape(modules()[stream.source].SOURCE.permissions[stream.name]),
        "key_gone": r"has no field|has no id|lack a required value",
        "other_host": re.escape("a link leads to http://other.example"),
    }
    return re.search(words[kind], error) is not None


def main() -> int:
    """Print what each night showed; exit 1 where anything was wrong."""
    out = Path(tempfile.mkdtemp(prefix="beyond-likes-unhealed-"))
    failed = False
    with running(out / "before", last_day=LAST, **SIZE) as sandbox:  # type: ignore[arg-type]
        live(sandbox, out / "before" / "sources.yml", [LAST - timedelta(days=1)])
        sandbox.set_day(LAST)
        shutil.copytree(out / "before", out / "quiet", symlinks=True)
        watched = quiet(sandbox, out / "quiet" / "sources.yml")
        expected = raw(out / "quiet" / "data" / "warehouse.duckdb")
        shutil.copytree(out / "before", out / "again", symlinks=True)
        watched.keep(quiet(sandbox, out / "again" / "sources.yml"))
        for kind in KINDS:
            targets = watched.targets(kind)
            shutil.copytree(out / "before", out / kind, symlinks=True)
            wrong = faulty(sandbox, out / kind, kind, targets)
            spared = {stream.replace(".", "__") for stream in targets}
            found = raw(out / kind / "data" / "warehouse.duckdb")
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
