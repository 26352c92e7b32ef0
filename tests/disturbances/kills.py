"""Kills and signals at random moments."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from tests import warm
from tests.company import KEY
from tests.crash import COMMAND, members
from tests.disturbances.registry import EVENING, disturbance
from tests.ground import BUILD, DAY, EXTRACT, LOAD, PUBLISH, Case

ROUNDS, SMALL_KILLS, BUILD_KILLS, PUBLISH_KILLS = 8, 12, 2, 10


@disturbance(EVENING)
def kills(case: Case) -> None:
    """Kill every stage many times at random moments.

    Fetching and loading begin in rounds on the same evening, for what one night has brought is no
    work for a later kill; a round kills them in any order, as nights do that are begun again and
    again, and ends with the raw tables of the undisturbed night.
    """
    for _ in range(ROUNDS):
        case.evening()
        for _ in range(SMALL_KILLS):
            case.hits += _killed(case, *case.rng.choice((EXTRACT, LOAD)))
        case.works(*EXTRACT)
        case.works(*LOAD)
        assert not (wrong := case.unlike_raw()), f"after a round of kills: {wrong}"
    if case.ground.whole:
        _kill_what_publishes(case)


def _kill_what_publishes(case: Case) -> None:
    for _ in range(BUILD_KILLS):
        case.hits += _killed(case, *BUILD)
    case.works(*BUILD)
    for _ in range(PUBLISH_KILLS):
        case.hits += _killed(case, *PUBLISH)
        case.whole_release()
    case.works(*PUBLISH)
    case.hits += _killed(case, "run", "--date", str(DAY))


def _killed(case: Case, *command: str) -> bool:
    """Kill -9 a command, all its processes, at a random moment; tell whether it still ran."""
    after = case.rng.random() * case.ground.seconds[command[0]]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("BEYOND_LIKES_")}
    try:
        warm.run([str(COMMAND), *command], cwd=case.company.folder,
                 env={**inherited, "BEYOND_LIKES_HMAC_KEY": KEY}, timeout=after)  # fmt: skip
    except TimeoutError:
        time.sleep(0.2)  # the warm process kills the fork, then what the fork has started
        return True
    return False


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
        time.sleep(case.rng.random() * 0.8 * case.ground.seconds["run"])
        case.hits += process.poll() is None
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        done = ended(process)
    assert "Traceback" not in done.stderr, done.stderr[-500:]
    assert done.returncode, "it was stopped and says that all is well"


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
