"""What is around a night: clocks, other runs, sources that are gone or answer otherwise."""

from __future__ import annotations

import os
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from tests.clock import SHIFT
from tests.disturbances.registry import EVENING, MORNING, disturbance
from tests.ground import DAY, EXTRACT, GONE_NIGHTS, Case, Systems


@disturbance(EVENING, short=True)
def clock_a_year_ahead_for_a_night(case: Case) -> None:
    """What that night named is newer than all that comes, to whoever compares names."""
    ahead = {SHIFT: str(400 * 86400)}
    targets = case.company.folder / "company" / "kpi_targets.csv"
    targets.touch()
    case.works(*EXTRACT, **ahead)
    case.works("load", **ahead)
    kept = targets.read_text(encoding="utf-8")
    targets.write_text(kept.splitlines(keepends=True)[0], encoding="utf-8")
    case.works("extract", "company", "--date", str(DAY))  # the clock is right again
    case.works("load")
    rows = case.company.warehouse("select count(*) from raw.company__kpi_targets")
    assert rows == [(0,)], "a table changed after the clock went back and nobody saw it"
    targets.write_text(kept, encoding="utf-8")
    case.hits += 1


@disturbance(MORNING)
def clock_a_year_ahead_for_three_releases(case: Case) -> None:
    for night in range(3):
        case.works("publish", **{SHIFT: str((400 + night) * 86400)})
    case.works("publish")
    case.whole_release()
    case.hits += 1


@disturbance(EVENING)
def an_older_day_again(case: Case) -> None:
    for back in (40, 1, 7):
        case.works("extract", "--date", str(DAY - timedelta(days=back)))
        case.works("load")
    case.hits += 1


@disturbance(EVENING, short=True)
def two_runs_at_once(case: Case) -> None:
    """One of them ends as if alone; the other is told, or had its turn as well."""
    command = ("run", "--date", str(DAY)) if case.ground.whole else EXTRACT
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(case.company.run, *command)]
        time.sleep(case.rng.random() * (8 if case.ground.whole else 0.5))
        runs.append(pool.submit(case.company.run, *command))
    one, other = sorted((run.result() for run in runs), key=lambda done: done.returncode)
    assert one.returncode == 0, one.stderr
    if other.returncode:
        case.told(other, "another (night|run) is")
    case.hits += 1


@disturbance(EVENING)
def backfill_while_the_night_works(case: Case) -> None:
    since = str(DAY - timedelta(days=20))
    stop = threading.Event()

    def backfills() -> int:
        done = 0
        while not stop.is_set():
            case.company.run("extract", "greenhouse", "--since", since, "--date", str(DAY))
            done += 1
        return done

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(backfills)
        time.sleep(0.3)
        night = case.night()
        stop.set()
        case.hits += running.result()
    assert night.returncode == 0, night.stderr
    case.works("load")


@disturbance(EVENING)
def source_gone_for_five_nights(case: Case) -> None:
    """Begin with the company of six nights ago; the last five nights nobody answers."""
    systems = case.ground.systems
    assert isinstance(systems, Systems)
    shutil.rmtree(case.data)
    systems.at(DAY - timedelta(days=GONE_NIGHTS + 1), case.company.folder)
    assert case.night(DAY - timedelta(days=GONE_NIGHTS + 1)).returncode == 0
    with systems.trouble("greenhouse:forbidden"):
        for back in range(GONE_NIGHTS, 0, -1):
            systems.at(DAY - timedelta(days=back), case.company.folder)
            case.told(case.night(DAY - timedelta(days=back)), r"greenhouse\.")
    systems.at(DAY, case.company.folder)


@disturbance(EVENING)
def column_gone_for_a_night(case: Case) -> None:
    """A required column has another name one night: the file stays out, and all else goes on."""
    file = case.company.folder / "exports" / "touchpoints.csv"
    kept, at = file.read_text(encoding="utf-8"), file.stat()
    file.write_text(kept.replace("touch_id", "TouchID", 1), encoding="utf-8")
    case.told(case.night(), "touchpoints.*touch_id")
    file.write_text(kept, encoding="utf-8")
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))


@disturbance(EVENING)
def column_new_for_a_night(case: Case) -> None:
    file = case.company.folder / "exports" / "touchpoints.csv"
    kept, at = file.read_text(encoding="utf-8"), file.stat()
    head, *lines = kept.splitlines()
    wide = [f"new,{head}", *(f"x,{line}" for line in lines)]
    file.write_text("\n".join(wide) + "\n", encoding="utf-8")
    assert case.night().returncode == 0
    case.hits += 1
    file.write_text(kept, encoding="utf-8")
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))


@disturbance(EVENING)
def field_of_another_type_for_a_night(case: Case) -> None:
    assert isinstance(case.ground.systems, Systems)
    with case.ground.systems.trouble("greenhouse:type"):
        done = case.night()
    if done.returncode:
        case.told(done, r"greenhouse\.")
    case.hits += 1
