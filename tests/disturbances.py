"""What may happen to a night, each as a function that does it to one case of tests/ground.py.

A disturbance returns where a normal run must mend all that came of it; it raises AssertionError
where the command that met it said nothing clear or left something changed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb

from tests import warm
from tests.clock import SHIFT
from tests.company import KEY
from tests.crash import COMMAND, members
from tests.ground import DAY, GONE_NIGHTS, Case, Systems, parts
from tests.readers import raw

Disturbance = Callable[[Case], None]
EVENING: dict[str, Disturbance] = {}  # begin on the evening before DAY
MORNING: dict[str, Disturbance] = {}  # begin when DAY is published
SHORT: list[str] = []  # those of `make test`: they cost two or three CPU seconds each
EXTRACT = ("extract", "--date", str(DAY))
AGAIN = "Extract this window again"
PAGE, DISK, FILES = 4096, 400_000_000, 100_000


def disturbance(
    of: dict[str, Disturbance], *, short: bool = False
) -> Callable[[Disturbance], Disturbance]:
    """Register a function under its name."""

    def wrap(function: Disturbance) -> Disturbance:
        of[function.__name__] = function
        if short:
            SHORT.append(function.__name__)
        return function

    return wrap


def start(case: Case, *arguments: str) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, as a scheduler does."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
    return subprocess.Popen(
        [str(COMMAND), *arguments],
        cwd=case.company.folder,
        env={**inherited, "BEYOND_LIKES_HMAC_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a started command and all it has started."""
    out, err = process.communicate()
    while members(process.pid):
        time.sleep(0.02)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


# Landing


def _landed(case: Case) -> Path:
    """Fetch the night and return a part of it."""
    known = set(parts(case.company))
    case.works(*EXTRACT)
    return case.rng.choice(sorted(set(parts(case.company)) - known))


def _load_tells(case: Case, words: str) -> None:
    """Load what is damaged: it is named, stays out, and every other stream goes on."""
    case.told(case.run("load"), f"{words}.*{AGAIN}")
    quiet, found = case.ground.raw, raw(case.data / "warehouse.duckdb")
    others = [name for name in quiet if found[name] != quiet[name]]
    assert len(others) <= 1, f"other streams stayed out, too: {others}"


@disturbance(EVENING, short=True)
def bit_flip_in_a_part(case: Case) -> None:
    part = _landed(case)
    _flip(part, case.rng)
    _load_tells(case, f"{part.parent.name}.*the part is damaged")


@disturbance(EVENING)
def bit_flip_in_a_manifest(case: Case) -> None:
    manifest = _landed(case).with_name("manifest.json")
    _flip(manifest, case.rng)
    _load_tells(case, f"{manifest.parent.name}.*")


@disturbance(EVENING)
def missing_part(case: Case) -> None:
    part = _landed(case)
    part.unlink()
    _load_tells(case, f"{part.parent.name}.*the part is not readable")


@disturbance(EVENING)
def truncated_manifest(case: Case) -> None:
    manifest = _landed(case).with_name("manifest.json")
    body = manifest.read_bytes()
    manifest.write_bytes(body[: case.rng.randrange(len(body))])
    _load_tells(case, f"{manifest.parent.name}.*damaged")


@disturbance(EVENING)
def missing_attempt(case: Case) -> None:
    shutil.rmtree(_landed(case).parent)
    case.hits += 1
    case.works("load")


def _flip(file: Path, rng: random.Random, *, after: int = 0) -> None:
    """Turn one bit of a file over."""
    body = bytearray(file.read_bytes())
    body[rng.randrange(after, len(body))] ^= 1 << rng.randrange(8)
    file.write_bytes(body)


# Warehouse


def _refused(case: Case, words: str) -> None:
    """Let every step that opens the warehouse refuse it, then do what the message says."""
    warehouse = case.data / "warehouse.duckdb"
    body = warehouse.read_bytes()
    steps = [EXTRACT, ("load",), ("build",), ("publish",)]
    for step in steps if case.ground.whole else steps[:1]:
        case.told(case.run(*step), words)
        assert warehouse.read_bytes() == body, "the damaged file was written"
    _replayed(case)


def _replayed(case: Case) -> None:
    """Move the warehouse away and rebuild raw from landing, as the message says."""
    for file in case.data.glob("warehouse.duckdb*"):
        file.rename(file.with_suffix(file.suffix + ".damaged"))
    case.works("replay")


@disturbance(EVENING)
def warehouse_cut_short(case: Case) -> None:
    warehouse = case.data / "warehouse.duckdb"
    os.truncate(warehouse, PAGE + case.rng.randrange(PAGE * 8))
    _refused(case, r"warehouse\.duckdb: .*beyond-likes replay")


@disturbance(EVENING)
def warehouse_header_overwritten(case: Case) -> None:
    with (case.data / "warehouse.duckdb").open("r+b") as file:
        file.write(case.rng.randbytes(3 * PAGE))
    _refused(case, r"warehouse\.duckdb: .*no DuckDB database.*beyond-likes replay")


@disturbance(EVENING, short=True)
def warehouse_of_a_newer_duckdb(case: Case) -> None:
    """The main header holds a checksum, `DUCK` and the version: all as a newer one writes them."""
    with (case.data / "warehouse.duckdb").open("r+b") as file:
        body = file.read(PAGE)
        head = body[8:12] + (70).to_bytes(8, "little") + body[20:]
        file.seek(0)
        file.write(_checksum(head).to_bytes(8, "little") + head)
    _refused(case, r"warehouse\.duckdb: a newer DuckDB wrote this file.*Update beyond-likes")


def _checksum(body: bytes) -> int:
    """Return DuckDB's checksum of a block."""
    found = 5381
    for (word,) in struct.iter_unpack("<Q", body):
        found ^= word * 0xBF58476D1CE4E5B9 % 2**64
    return found


@disturbance(EVENING)
def write_ahead_log_flipped(case: Case) -> None:
    """A killed load leaves a log that the next opening replays."""
    script = """import duckdb, os, sys
db = duckdb.connect(sys.argv[1])
db.execute("set wal_autocheckpoint = '1GB'")
db.execute("create table ops.left_by_a_kill as select range as n from range(5000)")
os._exit(0)"""
    subprocess.run([sys.executable, "-c", script, str(case.data / "warehouse.duckdb")], check=True)
    log = case.data / "warehouse.duckdb.wal"
    _flip(log, case.rng, after=log.stat().st_size // 2)
    case.told(case.run(*EXTRACT), r"warehouse\.duckdb: this file is damaged.*beyond-likes replay")
    _replayed(case)


@disturbance(EVENING)
def warehouse_of_a_newer_version(case: Case) -> None:
    """A later beyond-likes had a column more here and there; an older one works beside them."""
    newer = ("raw.file_drop__touchpoints", "raw.company__kpi_targets", "ops.load_ledger")
    with duckdb.connect(str(case.data / "warehouse.duckdb")) as db:
        for table in newer:
            db.execute(f"alter table {table} add column of_tomorrow varchar")
    assert case.night().returncode == 0
    case.hits += 1
    with duckdb.connect(str(case.data / "warehouse.duckdb")) as db:
        for table in newer:
            db.execute(f"alter table {table} drop column if exists of_tomorrow")


@disturbance(EVENING, short=True)
def warehouse_bits_flipped(case: Case) -> None:
    """Every block that is in use: some damage lies where only a later step reads."""
    warehouse = case.data / "warehouse.duckdb"
    body = bytearray(warehouse.read_bytes())
    for offset in range(3 * PAGE, len(body), PAGE):
        body[offset + case.rng.randrange(PAGE)] ^= 1 << case.rng.randrange(8)
    warehouse.write_bytes(body)
    case.told(case.run(*EXTRACT), r"warehouse\.duckdb: .*beyond-likes replay")
    _replayed(case)


@disturbance(EVENING)
def warehouse_empty(case: Case) -> None:
    (case.data / "warehouse.duckdb").write_bytes(b"")
    _refused(case, r"warehouse\.duckdb: .*no DuckDB database.*beyond-likes replay")


@disturbance(EVENING, short=True)
def warehouse_gone(case: Case) -> None:
    (case.data / "warehouse.duckdb").unlink()
    case.hits += 1


# Clocks


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


# Other runs


@disturbance(EVENING, short=True)
def two_runs_at_once(case: Case) -> None:
    """The first one ends as if alone; the second is told, or has waited for its turn."""
    commands = [("run", "--date", str(DAY))] * 2 if case.ground.whole else [EXTRACT] * 2
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(case.company.run, *commands[0])
        time.sleep(case.rng.random() * (8 if case.ground.whole else 0.5))
        second = pool.submit(case.company.run, *commands[1])
    assert first.result().returncode == 0, first.result().stderr
    if second.result().returncode:
        case.told(second.result(), "another (night|run) is")
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


# Signals


@disturbance(EVENING)
def sigterm(case: Case) -> None:
    _signalled(case, signal.SIGTERM)


@disturbance(EVENING)
def control_c(case: Case) -> None:
    _signalled(case, signal.SIGINT)


def _signalled(case: Case, number: signal.Signals) -> None:
    """Send a signal to a night, at any moment; what it leaves is no traceback."""
    with start(case, "run", "--date", str(DAY)) as process:
        assert process.stdout
        process.stdout.readline()  # it has begun
        time.sleep(case.rng.random() * 30)
        case.hits += process.poll() is None
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        done = ended(process)
    assert "Traceback" not in done.stderr, done.stderr[-500:]
    assert done.returncode, "it was stopped and says that all is well"


# Disks


@contextmanager
def file_system(place: Path) -> Iterator[None]:
    """Mount one of its own at `place`. Raises: PermissionError where we may not."""
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},nr_inodes={FILES}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        raise PermissionError("mounting a tmpfs needs more rights")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@contextmanager
def small_disk(case: Case) -> Iterator[Path]:
    """Move the home to a file system of its own, and back again."""
    place = case.data.with_name("disk")
    with file_system(place):
        shutil.copytree(case.data, place / "home", symlinks=True)
        yield place
        leave(place)
        shutil.rmtree(case.data)
        shutil.copytree(place / "home", case.data, symlinks=True)
    place.rmdir()


def leave(place: Path, *, pages: int | None = None, files: int | None = None) -> None:
    """Leave that many free pages, or places for new files, on the file system."""
    found = os.statvfs(place)
    used = (found.f_blocks - found.f_bfree) * found.f_frsize
    size = DISK if pages is None else used + pages * PAGE
    inodes = FILES if files is None else found.f_files - found.f_ffree + files
    options = f"remount,size={size},nr_inodes={inodes}"
    subprocess.run(["mount", "-o", options, str(place)], check=True)


FULL = "the disk is full|could not be written|No space left"


def _fuller(case: Case, step: tuple[str, ...], unit: str, growth: int) -> None:
    """Let a step meet a full disk at its first write, then at later and later ones, to its end."""
    with small_disk(case) as place:
        home = {"BEYOND_LIKES_HOME": str(place / "home")}
        room, before = 0, case.state()
        for _ in range(400):
            leave(place, **{unit: room})
            done = case.run(*step, **home)
            if done.returncode == 0:
                break
            case.told(done, FULL)
            room += case.rng.randint(1, 2 * growth - 1)
            assert case.state_in(place / "home") == before, "something changed"
        else:
            raise AssertionError("it never came to its end")


@disturbance(EVENING)
def full_disk_while_extracting(case: Case) -> None:
    _fuller(case, EXTRACT, "pages", 1)


@disturbance(EVENING)
def no_place_for_files_while_extracting(case: Case) -> None:
    _fuller(case, EXTRACT, "files", 1)


@disturbance(EVENING)
def full_disk_while_loading(case: Case) -> None:
    case.works(*EXTRACT)
    _fuller(case, ("load",), "pages", 8)


@disturbance(EVENING)
def no_place_for_files_while_loading(case: Case) -> None:
    case.works(*EXTRACT)
    _fuller(case, ("load",), "files", 1)


@disturbance(MORNING)
def full_disk_while_building(case: Case) -> None:
    _fuller(case, ("build", "--date", str(DAY)), "pages", 2500)


@disturbance(MORNING)
def no_place_for_files_while_building(case: Case) -> None:
    _fuller(case, ("build", "--date", str(DAY)), "files", 3)


@disturbance(MORNING)
def full_disk_while_publishing(case: Case) -> None:
    _fuller(case, ("publish",), "pages", 100)


@disturbance(MORNING)
def no_place_for_files_while_publishing(case: Case) -> None:
    _fuller(case, ("publish",), "files", 8)


@disturbance(MORNING)
def full_disk_while_writing_the_page(case: Case) -> None:
    _fuller(case, ("review",), "pages", 4)
    names = [path.name for path in (case.data / "published").resolve().iterdir()]
    assert not [name for name in names if name.startswith(".")], f"left behind: {names}"


@disturbance(MORNING)
def releases_on_another_file_system(case: Case) -> None:
    releases = case.data / "releases"
    kept = releases.rename(case.data / "kept")
    with file_system(releases):
        shutil.copytree(kept, releases, dirs_exist_ok=True)
        case.works("publish")
        assert (case.data / "published").resolve().stat().st_dev != case.data.stat().st_dev
        case.whole_release()
        shutil.rmtree(kept)
        shutil.copytree(releases, kept)
    releases.rmdir()
    kept.rename(releases)
    case.hits += 1


@disturbance(MORNING)
def published_is_a_folder(case: Case) -> None:
    """Somebody mounts or copies the release over the link: it is named, and nothing is lost."""
    link = case.data / "published"
    release = link.resolve()
    link.unlink()
    shutil.copytree(release, link)
    case.told(case.run("publish"), "published: .*is a folder")
    shutil.rmtree(link)


# Sources


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


# Kills


@disturbance(EVENING)
def kills(case: Case) -> None:
    """Kill every stage many times at random moments, in the order of a night."""
    stages = {EXTRACT: 20, ("load",): 20}
    if case.ground.whole:
        stages |= {("build", "--date", str(DAY)): 2, ("publish",): 10}
    for stage, times in stages.items():
        for _ in range(times):
            case.hits += _killed(case, *stage)
            if stage == ("publish",):
                case.whole_release()
        case.works(*stage)
    if case.ground.whole:
        case.hits += _killed(case, "run", "--date", str(DAY))


def _killed(case: Case, *command: str) -> bool:
    """Kill -9 a command, all its processes, at a random moment; tell whether it still ran."""
    after = case.rng.random() * case.ground.seconds.get(command[0], 1.0)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
    try:
        warm.run([str(COMMAND), *command], cwd=case.company.folder,
                 env={**inherited, "BEYOND_LIKES_HMAC_KEY": KEY}, timeout=after)  # fmt: skip
    except TimeoutError:
        time.sleep(0.2)  # the warm process kills the fork, then what the fork has started
        return True
    return False
