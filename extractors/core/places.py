"""Where landing lies: a folder of this machine, or objects of an S3 store through fsspec.

A store has neither folders nor renames. An object is there whole or not at all, and putting one
that must not be there yet succeeds once: the claim stands for the folder of an attempt.
"""

from __future__ import annotations

import errno
import hashlib
import io
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from extractors.core.errors import RetriableError, UsageError

SCHEME = "s3://"
CLAIM = "claim"  # the first object of an attempt; whoever put it is the attempt's only writer
FETCHED = "fetched-"
SECONDS = {"connect_timeout": 10, "read_timeout": 60}
NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError")
REFUSED = ("AccessDenied", "AccountProblem", "ExpiredToken", "InvalidAccessKeyId", "403",
           "InvalidToken", "SignatureDoesNotMatch", "PermissionError")  # fmt: skip
for _name in ("botocore", "aiobotocore", "s3fs", "fsspec"):  # their debug lines hold tokens
    logging.getLogger(_name).setLevel(logging.WARNING)
TAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


@dataclass(frozen=True, slots=True)
class Objects:
    """One object or all below a prefix, with the part of pathlib.Path that landing uses.

    Shape: `key` is bucket/prefix/name. Raises: FileNotFoundError for an object that is not there;
    RetriableError for all that is the store's, so that nobody blames an attempt for it; UsageError
    without s3fs.
    """

    key: str

    def __str__(self) -> str:
        """Return the address."""
        return f"{SCHEME}{self.key}"

    def __truediv__(self, name: str) -> Objects:
        """Return what is below under this name."""
        return Objects(f"{self.key}/{name}")

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def parent(self) -> Objects:
        """The prefix above."""
        return Objects(self.key.rpartition("/")[0])

    def glob(self, pattern: str) -> Iterator[Objects]:
        """Yield objects and folders that match, in order; one listing of all that is below."""
        depth = pattern.count("/") + 1
        found = {"/".join(key.split("/", depth)[:depth]) for key in self._below()}
        yield from (self / one for one in sorted(found) if fnmatchcase(one, pattern))

    def iterdir(self) -> Iterator[Objects]:
        """Yield the objects below, in order; the claim stands for the folder and is none."""
        yield from (self / one for one in sorted(self._below()) if one != CLAIM)

    def read_bytes(self) -> bytes:
        """Return the object."""
        with _told(self):
            body: bytes = _store().cat_file(self.key)
            return body

    def write_bytes(self, body: bytes) -> None:
        """Put the object in one request, over an older one."""
        with _told(self):
            _store().pipe_file(self.key, body, chunksize=max(1, len(body)))

    def unlink(self) -> None:
        """Remove the object."""
        with _told(self):
            _store().rm_file(self.key)

    def claim(self) -> None:
        """Become the only writer below. Raises: FileExistsError when there is one."""
        mark, mine = self / CLAIM, secrets.token_hex(16).encode()
        try:
            with _told(mark):
                _store().pipe_file(mark.key, mine, mode="create")
        except FileExistsError:
            if mark.read_bytes() != mine:  # else it is the answer to a repeated request
                raise

    def _below(self) -> list[str]:
        with _told(self):
            keys = _store().find(self.key)
        if not keys:  # then the store has not said whether there is a bucket
            with _told(self):
                _store().call_s3("list_objects_v2", Bucket=self.key.partition("/")[0], MaxKeys=1)
        return [key.removeprefix(f"{self.key}/") for key in keys]


Place: TypeAlias = "Path | Objects"


def place(text: str) -> Place:
    """Return the place of a path or an s3:// address."""
    if text.startswith(SCHEME):
        return Objects(text.removeprefix(SCHEME).strip("/"))
    return Path(text)


def make(folder: Place) -> None:
    """Make an attempt's folder, on disk. Raises: FileExistsError when it is there already."""
    if not isinstance(folder, Path):
        folder.claim()
        return
    folder.parents[3].mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(parents=True)
    for parent in (folder.parent, folder.parent.parent, folder.parent.parent.parent):
        _sync(parent)


def begin(path: Place) -> BinaryIO:
    """Return what to write a new file to, until `finish`; an object grows in memory."""
    return path.open("xb") if isinstance(path, Path) else io.BytesIO()


def finish(path: Place, file: BinaryIO) -> None:
    """Have the file on disk, or the object in the store, when this returns."""
    if isinstance(path, Path):
        file.flush()
        os.fsync(file.fileno())
    elif isinstance(file, io.BytesIO):
        path.write_bytes(file.getvalue())
    file.close()


def put(path: Place, body: bytes) -> None:
    """Write a file that is either whole or not there, after all in its folder is on disk."""
    if not isinstance(path, Path):
        path.write_bytes(body)
        return
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("xb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    _sync(path.parent)
    draft.rename(path)
    _sync(path.parent)


def remove(folder: Place) -> None:
    """Remove a folder and all in it."""
    if isinstance(folder, Path):
        shutil.rmtree(folder)
        return
    for path in [*folder.iterdir(), folder / CLAIM]:
        path.unlink()


@contextmanager
def scratch(root: Place, home: Path) -> Iterator[Path]:
    """Give a folder for `fetch`, gone afterwards; what killed loads have left goes as well."""
    if isinstance(root, Path):
        yield root
        return
    forget(home)
    with tempfile.TemporaryDirectory(prefix=FETCHED, dir=home) as folder:
        yield Path(folder)


def forget(home: Path) -> None:
    """Remove copies of objects that killed loads have left; the caller is the only writer."""
    for left in home.glob(f"{FETCHED}*"):
        shutil.rmtree(left, ignore_errors=True)


def fetch(path: Place, folder: Path) -> Path:
    """Return a file of this machine with the content: the file itself, or a copy in `folder`."""
    if isinstance(path, Path):
        return path
    copy = folder / f"{hashlib.sha256(path.key.encode()).hexdigest()}.zst"
    copy.write_bytes(path.read_bytes())
    return copy


def _store() -> Any:
    """Return fsspec's client of this process and thread; it finds its credentials itself."""
    import fsspec  # a fifth of a small command's start, and only for a bucket

    try:
        return fsspec.filesystem("s3", use_listings_cache=False, config_kwargs=SECONDS)
    except ImportError as error:
        do = "Install it as docs/how-to/object-storage.md says"
        raise UsageError("landing", "s3:// needs the package s3fs", do) from error


@contextmanager
def _told(where: Objects) -> Iterator[None]:
    """Turn what fsspec and the store say into our errors; their texts may hold a credential."""
    try:
        yield
    except Exception as error:
        if isinstance(error, UsageError):
            raise
        raise _meaning(where, _code(error)) from None


def _code(error: BaseException | None) -> str:
    """Return the store's own code of an error, else the name of the first error's type."""
    name = type(error).__name__
    while error is not None:
        code = getattr(error, "response", {}).get("Error", {}).get("Code")
        if code:
            return str(code)
        error = error.__cause__
    return name


def _meaning(where: Objects, code: str) -> Exception:
    if code in ("NoSuchKey", "FileNotFoundError", "404"):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(where))
    if code in TAKEN:
        return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(where))
    if code in NO_CREDENTIALS:
        what, do = "no credentials", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"
    elif code == "NoSuchBucket":
        what, do = "no such bucket", "Make it, or mend `landing:` in sources.yml"
    elif code in REFUSED:
        what = f"the store refuses ({code})"
        do = "Give a key that may list, get, put and delete objects here"
    else:
        what = f"the store does not answer as it should ({code})"
        do = "Try again; AWS_ENDPOINT_URL says where a store other than Amazon's is"
    return RetriableError(f"landing: {where}", what, do)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
