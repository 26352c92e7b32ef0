"""Commands run by a process that has imported them: it forks for each, which saves their start.

A quarter of a small company's night is Python that imports dbt and ourselves. What runs here is a
process of its own, with its own folder, environment and output; tests that kill, copy or install
the code call the commands as a user does (test_crash, test_docs_commands, test_how_tos, test_dags).
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests import warm_dbt
from tests.clock import SHIFT, shift

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project"
SHARED = "BEYOND_LIKES_TESTS_SHARED"  # the folder of what this test run need not do twice
PARSED = "partial_parse.msgpack"
ADDRESS = "BEYOND_LIKES_TESTS_WARM"  # where the process listens; for children of children
_project: dict[str, Any] = {"manifest": None}  # as dbt has read it
START_SECONDS = 300
_own: list[subprocess.Popen[bytes]] = []
_held: list[int] = []


def shared(name: str) -> Path:
    """Return the place of a file that the processes of this test run share (conftest.py)."""
    return Path(os.environ[SHARED], name)


def share(file: Path, body: bytes) -> None:
    """Write a shared file so that nobody sees a part of it."""
    draft = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    draft.write_bytes(body)
    draft.replace(file)


def hold() -> None:
    """Keep this test run's warm process alive for as long as this process lives (conftest.py)."""
    os.mkfifo(shared("held"))
    _held.append(os.open(shared("held"), os.O_RDWR))


def address() -> str:
    """Return where the warm process of this test run listens; the first call starts it."""
    if ADDRESS not in os.environ:
        path = shared("socket")
        with contextlib.suppress(FileExistsError):
            shared("starting").touch(exist_ok=False)
            command = [sys.executable, "-m", "tests.warm", str(path)]
            _own.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        end = time.monotonic() + START_SECONDS
        while not path.exists():
            if time.monotonic() > end or any(one.poll() is not None for one in _own):
                raise RuntimeError("the warm process did not start")
            time.sleep(0.05)
        os.environ[ADDRESS] = str(path)
    return os.environ[ADDRESS]


def run(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float = 300
) -> subprocess.CompletedProcess[str]:
    """Run `beyond-likes …` and return what `subprocess.run` would."""
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        Path(os.devnull).open() as asked,
    ):
        where, files = address(), (asked, out, err)
        code = ask(where, command, str(cwd), {**env, ADDRESS: where}, files, timeout)
        out.seek(0)
        err.seek(0)
        said = [file.read().decode() for file in (out, err)]
    return subprocess.CompletedProcess(list(command), code, *said)


def ask(
    where: str,
    command: Sequence[str],
    cwd: str,
    env: Mapping[str, str],
    files: Sequence[Any],
    timeout: float | None = None,
) -> int:
    """Let the process at `where` run a command on `files` (in, out, err); return its exit code."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout)
        line.connect(where)
        body = json.dumps([list(command), cwd, dict(env)]).encode()
        socket.send_fds(line, [struct.pack("!I", len(body))], [file.fileno() for file in files])
        line.sendall(body)
        return int(struct.unpack("!i", _exactly(line, 4))[0])


def _exactly(line: socket.socket, size: int) -> bytes:
    body = b""
    while len(body) < size:
        part = line.recv(size - len(body))
        if not part:
            raise ConnectionError("the other end is gone")
        body += part
    return body


def serve(path: str) -> None:
    """Fork for each command that comes, as long as somebody holds this test run."""
    held = os.open(shared("held"), os.O_RDONLY | os.O_NONBLOCK)
    _warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{path}.new")
        listener.listen(16)
        Path(f"{path}.new").rename(path)
        while True:
            ready, _, _ = select.select([listener.fileno(), held], [], [])
            if held in ready:
                os._exit(0)
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _attend(line)
            line.close()


def _warm_up() -> None:
    """Import both commands and let dbt read its project, which compiles much of its code."""
    from dbt.cli.main import dbtRunner

    import dashboard.page  # noqa: F401
    import extractors.cli  # noqa: F401
    from extractors.project import modules

    modules()

    with tempfile.TemporaryDirectory(prefix="beyond-likes-parse-") as folder:
        own = Path(folder, PARSED)
        where = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
        quiet = ("--quiet", "--log-path", folder, "--log-level-file", "none")
        parse = [*quiet, "parse", "--target", "night", *where, "--target-path", folder]
        parsed = shared(PARSED)
        if not parsed.exists():  # in a fork: parsing starts threads, which others would lack
            if (child := os.fork()) == 0:
                gc.disable()
                os._exit(0 if dbtRunner().invoke(parse).success else 1)
            assert os.waitpid(child, 0)[1] == 0, "dbt does not read its project"
            share(parsed, own.read_bytes())
        warm_dbt.lighten(shared(""), share)
        shutil.copy(parsed, own)
        _project["manifest"] = dbtRunner().invoke(parse).result
    assert _project["manifest"]
    warm_dbt.link_once(_project["manifest"])
    logging.root.handlers.clear()
    gc.freeze()
    assert len(list(Path("/proc/self/task").iterdir())) == 1


def _attend(line: socket.socket) -> None:
    """Run one command in a fork; kill it when the asking process is gone, else say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, fds, _, _ = socket.recv_fds(line, 4, 3)
    body = _exactly(line, struct.unpack("!I", head)[0])
    child = os.fork()
    if child == 0:
        line.close()
        _become(fds, *json.loads(body))
    pid, status = 0, 0
    while not pid:
        if select.select([line], [], [], 0.005)[0]:
            with contextlib.suppress(ProcessLookupError):  # it has no group of its own yet
                os.killpg(child, signal.SIGKILL)
            os.kill(child, signal.SIGKILL)
            os._exit(0)
        pid, status = os.waitpid(child, os.WNOHANG)
    line.sendall(struct.pack("!i", os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(fds: Sequence[int], command: Sequence[str], cwd: str, env: dict[str, str]) -> None:
    """Go on as the command: its folder, environment, output; end the process with its code."""
    os.setsid()
    gc.disable()  # it ends before there is much to collect: a tenth to a quarter of a build's CPU
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    sys.argv = list(command)
    try:
        act_as(Path(command[0]).name)
        code = 0
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    sys.stdout.flush()
    os._exit(code)  # the rest of an ending takes a second: all that was imported is given back


def act_as(name: str) -> None:
    """Run dbt or our own command line. Raises: SystemExit with the code."""
    if name == "dbt":
        from dbt.cli.main import cli

        from tests.counting import told

        with told():
            cli(
                obj=_project if str(PROJECT) in sys.argv else {}
            )  # a copy that a test edits is read
    from extractors import build
    from extractors.cli import main

    vars(build)["subprocess"] = WithWarmDbt()
    if SHIFT in os.environ:
        shift(float(os.environ[SHIFT]))
    main()


class WithWarmDbt:
    """Stands in for `subprocess` in extractors/build.py: dbt is asked of the warm process."""

    PIPE, STDOUT, DEVNULL = subprocess.PIPE, subprocess.STDOUT, subprocess.DEVNULL
    TimeoutExpired = subprocess.TimeoutExpired

    def Popen(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:  # noqa: N802
        """Start a process that asks and waits, in the place of dbt's own."""
        options["env"] = {**options["env"], ADDRESS: address()}
        client = [sys.executable, "-S", "-E", str(Path(__file__).with_name("warm_client.py"))]
        return subprocess.Popen([*client, *command], **options)


if __name__ == "__main__":
    serve(sys.argv[1])
