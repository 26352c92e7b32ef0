"""Short form of `make prove`: one home, killed once in each phase, then run to its end."""

from __future__ import annotations

from pathlib import Path

from tests.crash import PHASES, Proof

SECONDS = {"extract": 0.2, "load": 0.1, "build": 4, "publish": 0.2}  # less than any night's


def test_a_night_killed_in_every_phase_publishes_what_a_quiet_night_does(tmp_path: Path) -> None:
    size = {"seed": 3, "days": 45, "scale": 0.05, "sources": ("greenhouse",)}
    short = Proof(tmp_path, **size, pause=8, seconds=SECONDS)  # type: ignore[arg-type]
    with short.open() as proof:
        trial = proof.trial(0, PHASES)
        assert trial.problems == []
        assert trial.hit.split("+")[:1] == ["extract"]
        assert "end" not in trial.hit, "every kill hit a running night"
        assert trial.polls >= 10
        assert trial.releases_seen == 2, "readers saw the night before and this one"
        assert proof.expected["fct_applications"], "the company has something to lose"
