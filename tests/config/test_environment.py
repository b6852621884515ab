"""Settings come from the environment, and the page about them is complete."""

import re
from pathlib import Path

import pytest

from syncline.config.database import django_database
from syncline.config.environment import Environment, SettingError

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "configuration.md").read_text()
INTERNAL = {"SYNCLINE_"}


def read_in_the_code() -> set[str]:
    """Every environment variable that the code speaks of."""
    files = (ROOT / "src" / "syncline").rglob("*.py")
    return {name for file in files for name in re.findall(r"\bSYNCLINE_[A-Z_]*", file.read_text())} - INTERNAL


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in read_in_the_code():
        monkeypatch.delenv(name, raising=False)


def test_without_settings_runs_are_kept_for_30_days_and_commands_only_warn() -> None:
    environment = Environment.read()
    assert environment.run_retention_days == 30
    assert (environment.log_level, environment.log_format) == ("", "text")
    assert not environment.allow_loopback


def test_settings_are_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCLINE_LOG_LEVEL", "info")
    monkeypatch.setenv("SYNCLINE_LOG_FORMAT", "JSON")
    monkeypatch.setenv("SYNCLINE_RUN_RETENTION_DAYS", "7")
    environment = Environment.read()
    assert (environment.log_level, environment.log_format) == ("INFO", "json")
    assert environment.run_retention_days == 7


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SYNCLINE_RUN_RETENTION_DAYS", "0"),
        ("SYNCLINE_RUN_RETENTION_DAYS", "-3"),
        ("SYNCLINE_RUN_RETENTION_DAYS", "a month"),
        ("SYNCLINE_LOG_LEVEL", "LOUD"),
        ("SYNCLINE_LOG_FORMAT", "xml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(SettingError, match=name):
        Environment.read()


def test_a_database_that_is_no_postgresql_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SYNCLINE_DATABASE_URL starts with 'mysql'"):
        django_database("mysql://somewhere/name", tmp_path)


@pytest.mark.parametrize("name", sorted(read_in_the_code()))
def test_every_setting_is_described(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_no_setting_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(SYNCLINE_[A-Z_]*)`", PAGE, re.MULTILINE)) <= read_in_the_code()
