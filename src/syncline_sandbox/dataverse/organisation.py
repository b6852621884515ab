"""The organisation: everything that requests read and change, and who its users are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import msgspec

from syncline_sandbox.clock import SoftClock
from syncline_sandbox.dataverse.query.conditions import Caller
from syncline_sandbox.dataverse.query.reading import Reader
from syncline_sandbox.dataverse.query.values import stamp
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.settings import Settings
from syncline_sandbox.dataverse.storage.database import Database, quoted
from syncline_sandbox.faults import FaultBook

_NAMESPACE = UUID("0b1f5bd0-8f0d-4c83-8a4d-0f7d0f6a2a11")


def fixed_id(name: str) -> str:
    """Ids of what every organisation has; the same in every sandbox, so that tests may know them."""
    return str(uuid5(_NAMESPACE, name))


ORGANIZATION_ID = fixed_id("organization")
BUSINESS_UNIT_ID = fixed_id("businessunit")
APPLICATION_USER_ID = fixed_id("application user")
SYSTEM_USER_ID = fixed_id("system user")
CURRENCY_ID = fixed_id("currency")
ROLE_ID = fixed_id("role")
TENANT_ID = fixed_id("tenant")
CLIENT_ID = fixed_id("client")
CLIENT_SECRET = "sandbox~client.secret-Q8"  # noqa: S105  the sandbox's own, printed by its ready line


class Organisation:
    """Rows, metadata, settings, clock and faults behind one object; made once a process."""

    def __init__(self, data_dir: Path, clock: SoftClock, faults: FaultBook) -> None:
        self.data_dir = data_dir
        self.clock = clock
        self.faults = faults
        self.database = Database(data_dir / "dataverse.sqlite")
        self.catalogue = Catalogue(self.database)
        self.settings = Settings()
        self._fresh: sqlite3.Connection | None = None
        self.reload()

    def close(self) -> None:
        if self._fresh is not None:
            self._fresh.close()
        self.database.close()

    def reload(self) -> None:
        """Read everything that is kept in memory from the database again."""
        self.database.prepare()
        self.catalogue.load()
        kept = self.database.state("settings")
        self.settings = msgspec.convert(kept, Settings) if kept is not None else Settings()

    def begin_again(self, install: Callable[[Organisation], None]) -> None:
        """Throw everything away and install anew; from the second time on by copying the first."""
        if self._fresh is None:
            for name in self.database.tables():
                self.database.execute(f"DROP TABLE {quoted(name)}")
            self.reload()
            install(self)
            self._fresh = sqlite3.connect(":memory:")
            self.database.connection.backup(self._fresh)
        else:
            self._fresh.backup(self.database.connection)
            self.reload()

    def change_settings(self, settings: Settings) -> None:
        self.settings = settings
        with self.database.transaction():
            self.database.set_state("settings", msgspec.to_builtins(settings))

    # Time

    def now(self) -> datetime:
        return self.clock.now()

    def stamp(self) -> str:
        """The present moment as rows keep it."""
        return stamp(self.clock.now())

    # Callers

    def caller(self, user_id: str) -> Caller:
        unit = self.database.value("SELECT businessunitid FROM systemuser WHERE systemuserid = ?", (user_id,))
        teams = self.database.rows("SELECT teamid FROM teammembership WHERE systemuserid = ?", (user_id,))
        return Caller(user_id, unit or BUSINESS_UNIT_ID, self.now(), tuple(row[0] for row in teams))

    def reader(self, user_id: str) -> Reader:
        return Reader(self.database, self.catalogue, self.caller(user_id))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, metadata included."""
        revision = self.catalogue.revision
        try:
            with self.database.transaction():
                yield
        except BaseException:
            if self.catalogue.revision != revision:
                self.catalogue.load()
            raise


def new_id() -> str:
    return str(uuid4())
