"""Disks: full at every page and every file in turn, another file system, a folder in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.disturbances.registry import EVENING, MORNING, disturbance
from tests.ground import BUILD, EXTRACT, LOAD, PUBLISH, Case

PAGE, DISK, FILES = 4096, 400_000_000, 100_000


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
            if step == LOAD:  # each stream is a transaction of its own
                assert not (half := case.half_loaded(place / "home")), f"half loaded: {half}"
            else:
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
    _fuller(case, LOAD, "pages", 8)


@disturbance(EVENING)
def no_place_for_files_while_loading(case: Case) -> None:
    case.works(*EXTRACT)
    _fuller(case, LOAD, "files", 1)


@disturbance(MORNING)
def full_disk_while_building(case: Case) -> None:
    _fuller(case, BUILD, "pages", 200)


@disturbance(MORNING)
def no_place_for_files_while_building(case: Case) -> None:
    _fuller(case, BUILD, "files", 3)


@disturbance(MORNING)
def full_disk_while_publishing(case: Case) -> None:
    _fuller(case, PUBLISH, "pages", 100)


@disturbance(MORNING)
def no_place_for_files_while_publishing(case: Case) -> None:
    _fuller(case, PUBLISH, "files", 8)


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
