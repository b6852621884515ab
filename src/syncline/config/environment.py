"""What the operator sets from outside, read once at start. `docs/reference/configuration.md` has the
table.
"""

import os
from dataclasses import dataclass
from pathlib import Path


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

    @classmethod
    def read(cls) -> "Environment":
        return cls(
            home=Path(os.environ.get("SYNCLINE_HOME", "var")).resolve(),
            database_url=os.environ.get("SYNCLINE_DATABASE_URL", ""),
            allow_loopback=_is_on("SYNCLINE_ALLOW_LOOPBACK"),
            allowed_hosts=tuple(_names(os.environ.get("SYNCLINE_ALLOWED_HOSTS", "127.0.0.1,localhost"))),
            https=_is_on("SYNCLINE_HTTPS"),
            debug=_is_on("SYNCLINE_DEBUG"),
        )


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
