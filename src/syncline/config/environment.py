"""What the operator sets from outside, read once at start. `docs/reference/configuration.md` has the
table.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from syncline.config.logs import FORMATS, LEVELS


class SettingError(ValueError):
    """A setting cannot be used; the text names it and says what it may be."""


@dataclass(frozen=True)
class Environment:
    """The installation's settings, all from environment variables that begin with `SYNCLINE_`."""

    home: Path
    """Where SQLite files and generated keys live (`SYNCLINE_HOME`)."""
    database_url: str
    """`postgresql://…`, or empty for SQLite in `home` (`SYNCLINE_DATABASE_URL`)."""
    allow_loopback: bool
    """Whether accounts may point at a sandbox on 127.0.0.1 (`SYNCLINE_ALLOW_LOOPBACK`)."""
    allowed_hosts: tuple[str, ...]
    """Host names that the console answers to (`SYNCLINE_ALLOWED_HOSTS`, comma separated)."""
    https: bool
    """Whether the console is served over HTTPS, which makes its cookies secure (`SYNCLINE_HTTPS`)."""
    debug: bool
    """Django's debug pages, for development only (`SYNCLINE_DEBUG`)."""
    run_retention_days: int
    """How long runs and their records stay in the Sync Audit (`SYNCLINE_RUN_RETENTION_DAYS`)."""
    log_level: str
    """How much is told on stderr; empty: warnings by commands, more by workers (`SYNCLINE_LOG_LEVEL`)."""
    log_format: str
    """`text` for people, `json` for programs (`SYNCLINE_LOG_FORMAT`)."""

    @classmethod
    def read(cls) -> "Environment":
        return cls(
            home=Path(os.environ.get("SYNCLINE_HOME", "var")).resolve(),
            database_url=os.environ.get("SYNCLINE_DATABASE_URL", ""),
            allow_loopback=_is_on("SYNCLINE_ALLOW_LOOPBACK"),
            allowed_hosts=tuple(_names(os.environ.get("SYNCLINE_ALLOWED_HOSTS", "127.0.0.1,localhost"))),
            https=_is_on("SYNCLINE_HTTPS"),
            debug=_is_on("SYNCLINE_DEBUG"),
            run_retention_days=_days("SYNCLINE_RUN_RETENTION_DAYS", 30),
            log_level=_one_of("SYNCLINE_LOG_LEVEL", ("", *LEVELS)),
            log_format=_one_of("SYNCLINE_LOG_FORMAT", ("", *FORMATS)).lower() or "text",
        )


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _days(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 36_500:
        raise SettingError(f"{name} is {text!r}; it must be a whole number of days, 1 or more.")
    return int(text)


def _one_of(name: str, allowed: tuple[str, ...]) -> str:
    text = os.environ.get(name, "").strip()
    for one in allowed:
        if text.lower() == one.lower():
            return one
    raise SettingError(f"{name} is {text!r}; it must be one of: {', '.join(filter(None, allowed))}.")
