"""What the environment is made of: written down, audited, under licences that a company may use."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from scripts import supply

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
COPYLEFT = re.compile(r"\bA?L?GPL|General Public|Affero|SSPL|BUSL|Commons Clause", re.IGNORECASE)
EITHER = {"text-unidecode"}  # Artistic License or GPL: the user chooses


@cache
def locked() -> dict[str, set[str]]:
    """Return the versions of each package; which of two counts depends on the Python."""
    found: dict[str, set[str]] = {}
    for line in LOCK.read_text().splitlines():
        if pin := re.match(r"([a-z0-9._-]+)(?:\[.*?\])?==([^\s;]+)", line):
            found.setdefault(pin[1], set()).add(pin[2])
    return found


def test_the_bill_of_materials_has_every_locked_package_and_no_other() -> None:
    bill = json.loads(supply.sbom(LOCK))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    pins = {(name, version) for name, versions in locked().items() for version in versions}
    assert {(one["name"], one["version"]) for one in bill["components"]} == pins
    for one in bill["components"]:
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
    assert len(locked()) > 150


def test_no_licence_asks_for_our_own_code() -> None:
    seen, odd = 0, {}
    for name in locked():
        try:
            about = metadata.metadata(name)
        except metadata.PackageNotFoundError:  # for another system or version of Python
            continue
        seen += 1
        kinds = [one for one in about.get_all("Classifier") or () if one.startswith("License")]
        said = about.get_all("License-Expression") or about.get_all("License") or ()
        texts = [*kinds, *(text.partition("\n")[0] for text in said)]
        if not texts or any(COPYLEFT.search(text) for text in texts):
            odd[name] = texts
    assert seen > 150
    assert set(odd) == EITHER, odd


def test_the_audit_names_what_is_wrong_and_what_it_could_not_ask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """uv stands in a script that answers as uv does without network and for a withdrawn package."""
    uv = tmp_path / "uv"
    uv.write_text(
        "#!/bin/sh\ncase $1 in audit) echo 'cause: dns error' >&2; exit 2;;"
        " esac\n[ $2 = check ] || echo 'warning: `attrs==21.1.0` is yanked' >&2\n"
    )
    uv.chmod(0o755)
    monkeypatch.setattr(supply, "UV", str(uv))
    assert supply.audit(LOCK) == (
        ["warning: `attrs==21.1.0` is yanked"],
        ["known holes: cause: dns error"],
    )


def test_the_environment_is_the_lock() -> None:
    """What is installed are the locked versions, and they fit each other."""
    other = {}
    for one in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        if one.version not in locked().get(name, {one.version}):
            other[name] = one.version
    assert other == {}
    done = subprocess.run(
        [supply.UV, "pip", "check", "--python", sys.executable],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
