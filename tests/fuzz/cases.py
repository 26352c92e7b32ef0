"""One case of either kind under a time limit; anything but an answer or our own error is found."""

from __future__ import annotations

import resource
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import NoReturn

from tests.fuzz.bodies import Bodies
from tests.fuzz.exports import Exports

SECONDS, WAITS = 20, 15
KINDS = ("exports", "bodies")


class Slow(BaseException):
    """A case that takes too long; no handler of the product may take it for an error."""


class Bench:
    """Runs the numbered cases of a kind; of bodies those of some streams alone, if named."""

    def __init__(
        self, kind: str, folder: Path, stack: ExitStack, labels: Sequence[str] = ()
    ) -> None:
        self._kind = kind
        self._case: Callable[[Random], tuple[str, list[str]]] = (
            Exports(folder, stack) if kind == "exports" else Bodies(folder, stack, labels)
        ).case

    def case(self, seed: int, number: int) -> tuple[str, list[str]]:
        """Return what became of the case, and what was wrong, with its number."""
        problems: list[str]
        try:
            with at_most(SECONDS):
                outcome, problems = self._case(Random(f"{seed} {self._kind} {number}"))
        except (Exception, Slow) as error:
            outcome, problems = "broken", [_told(error)]
        return outcome, [f"{self._kind} {number}: {one}" for one in problems]


def _told(error: BaseException) -> str:
    own = [f for f in traceback.extract_tb(error.__traceback__) if "/extractors/" in f.filename]
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "the test"
    who = " ".join(getattr(error, "__notes__", ()))
    return f"{who} {type(error).__name__} at {place}: {str(error)[:200]!r}".strip()


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise Slow in this thread after so much work, or fifteen times as long on the clock."""

    def over(_number: int, _frame: FrameType | None) -> NoReturn:
        raise Slow(f"not done in {seconds} CPU seconds, or {WAITS * seconds} of the clock")

    kept = [(one, signal.signal(one, over)) for one in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, WAITS * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for one, handler in kept:
            signal.signal(one, handler)


def peak_megabytes() -> float:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
