"""Everything that has to pass, in order, with progress: `make test` runs it.

Style, types and imports first, for they fail fastest; then the tests on SQLite, then those that touch the
database again on a real PostgreSQL, but for those marked `one_database`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.postgres import postgres

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent
SOURCES = ("src", "tests", "bench")
NEEDS_DATABASE = (
    "accounts",
    "api",
    "bulk",
    "cli",
    "console",
    "consent",
    "end_to_end",
    "engine",
    "faults",
    "mapping",
    "people",
    "properties",
    "schedule",
    "syncs",
)
"""Folders of tests that meet the database; the others say the same on both."""


def main() -> int:
    started = time.monotonic()
    ensure_chromium()
    steps: list[tuple[str, list[str]]] = [
        ("Style", [str(BIN / "ruff"), "check", *SOURCES]),
        ("Format", [str(BIN / "ruff"), "format", "--check", *SOURCES]),
        ("Direction of imports", [str(BIN / "lint-imports")]),
        ("Types", [str(BIN / "mypy")]),
        ("Tests on SQLite", pytest(["tests"])),
    ]
    for name, command in steps:
        if not passes(name, command, {}):
            return 1
    with postgres() as url:
        folders = [f"tests/{name}" for name in NEEDS_DATABASE if (ROOT / "tests" / name).is_dir()]
        if not passes(
            "Tests on PostgreSQL",
            pytest([*folders, "-m", "not one_database"]),
            {"SYNCLINE_DATABASE_URL": url},
        ):
            return 1
    print(f"\nAll passed in {(time.monotonic() - started) / 60:.1f} minutes.", flush=True)
    return 0


def pytest(where: list[str]) -> list[str]:
    return [str(BIN / "python"), "-m", "pytest", "-n", "2", "--dist", "loadfile", "--durations", "15", *where]


def passes(name: str, command: list[str], settings: Mapping[str, str]) -> bool:
    print(f"\n── {name} " + "─" * (70 - len(name)), flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="syncline-tests-") as home:
        environment = {**os.environ, **settings, "SYNCLINE_HOME": home}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    took = f"{time.monotonic() - began:.0f} s"
    print(f"   {name}: {'passed' if code == 0 else f'FAILED (exit code {code})'} in {took}", flush=True)
    return code == 0


def ensure_chromium() -> None:
    """The browser tests drive Debian's Chromium; where it is missing and we may, it is installed."""
    if find_chromium():
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        print("Installing Chromium for the browser tests ...", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([apt, "update", "-qq"], check=False, env=quiet, stdout=subprocess.DEVNULL)
        subprocess.run(
            [apt, "install", "-y", "-qq", "chromium", "fonts-noto-color-emoji"],
            check=False,
            env=quiet,
            stdout=subprocess.DEVNULL,
        )
    if not find_chromium():
        sys.exit(
            "The browser tests need Chromium. Install it (on Debian or Ubuntu: sudo apt install chromium), "
            "or run `make test-fast` for everything else."
        )


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


if __name__ == "__main__":
    sys.exit(main())
