"""What this environment is made of: `sbom` writes it down, `audit` asks what is known against it.

Both hand uv the pins of requirements.lock as a project of its own. The bill of materials needs no
network. The audit asks the package index whether a locked version was withdrawn, and the database
of known holes (OSV) where that answers; what could not be asked is said and is no failure.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = str(Path(sys.executable).with_name("uv"))
PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^\s;]+)(?: ; (.*?))?(?: \\)?$", re.MULTILINE
)
SOURCE = "{ registry = 'pypi' }"
UNREACHED = re.compile(r"error sending request|network access|dns error|Connection refused")


@contextmanager
def project(lock: Path) -> Iterator[Path]:
    """Yield a folder that is, to uv, a project with exactly the packages of a lock."""
    pins = PIN.findall(lock.read_text(encoding="utf-8"))
    packages = [f"name = '{n}'\nversion = '{v}'\nsource = {SOURCE}\n" for n, v, _ in pins]
    needs = [
        f"{{ name = '{name}', version = '{version}', source = {SOURCE}"
        + (f', marker = "{marker}" }}' if marker else " }")
        for name, version, marker in pins
    ]
    head, own = "requires-python = '>=3.11'", "name = 'beyond-likes'\nversion = '0.1.0'"
    with tempfile.TemporaryDirectory() as folder:
        named = ", ".join(f"'{name}'" for name in dict(pin[:2] for pin in pins))
        Path(folder, "pyproject.toml").write_text(
            f"[project]\n{own}\n{head}\ndependencies = [{named}]\n"
        )
        Path(folder, "uv.lock").write_text(
            f"version = 1\nrevision = 3\n{head}\n\n[[package]]\n{own}\n"
            f"source = {{ virtual = '.' }}\ndependencies = [\n{','.join(needs)}\n]\n\n"
            + "".join(f"[[package]]\n{package}\n" for package in packages)
        )
        yield Path(folder)


def sbom(lock: Path) -> str:
    """Return the packages of a lock as CycloneDX 1.5 (JSON)."""
    with project(lock) as folder:
        command = ["export", "--frozen", "--offline", "--format", "cyclonedx1.5", "--quiet",
                   "--preview-features", "sbom-export"]  # fmt: skip
        return _uv(*command, folder=folder, check=True).stdout


def audit(lock: Path) -> tuple[list[str], list[str]]:
    """Return what is wrong with the environment of a lock, and what could not be asked."""
    wrong, unasked = [], []
    fits = _uv("pip", "check", "--python", sys.executable)
    wrong += fits.stderr.strip().splitlines() if fits.returncode else []
    again = (
        "--dry-run",
        "--reinstall",
        "--no-deps",
        "--require-hashes",
        "--python",
        sys.executable,
    )
    found = _uv("pip", "install", *again, "-r", str(lock))
    wrong += [line for line in found.stderr.splitlines() if "is yanked" in line]
    if found.returncode:
        unasked.append(f"withdrawn versions: {_last(found.stderr)}")
    with project(lock) as folder:
        holes = _uv("audit", "--frozen", folder=folder)
    if UNREACHED.search(holes.stderr):
        unasked.append(f"known holes: {_last(holes.stderr)}")
    elif holes.returncode:
        wrong.append(holes.stdout.strip() or _last(holes.stderr))
    return wrong, unasked


def _last(text: str) -> str:
    return text.strip().splitlines()[-1].strip()


def _uv(
    *arguments: str, folder: Path = ROOT, check: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run([UV, *arguments], cwd=folder, capture_output=True, text=True, check=check)


def main() -> int:
    """Do what is asked; exit 1 where the audit found something."""
    parser = argparse.ArgumentParser(prog="supply", description=__doc__)
    parser.add_argument("command", choices=["sbom", "audit"])
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    chosen = parser.parse_args()
    if chosen.command == "sbom":
        sys.stdout.write(sbom(chosen.lock))
        return 0
    wrong, unasked = audit(chosen.lock)
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    for line in unasked:
        sys.stdout.write(f"NOT ASKED: {line}\n")
    sys.stdout.write(f"audit of {chosen.lock.name}: {len(wrong)} findings\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
