"""The account: its store, its clock and its settings, handed to everything that answers a call."""

from __future__ import annotations

import sqlite3

import msgspec

from syncline_sandbox.clock import SoftClock
from syncline_sandbox.dotdigital.fields import FieldBook
from syncline_sandbox.dotdigital.settings import Settings
from syncline_sandbox.dotdigital.storage import get_meta, set_meta
from syncline_sandbox.faults import FaultBook


class Account:
    """One Dotdigital account."""

    def __init__(self, connection: sqlite3.Connection, clock: SoftClock, faults: FaultBook) -> None:
        self.connection = connection
        self.clock = clock
        self.faults = faults
        self.settings = Settings()
        self.fields = FieldBook(connection)
        # Addresses and domains that nobody may contact: (kind, value) with kind global, domain or blocked.
        self.banned: set[tuple[str, str]] = set()
        # What is remembered of the store holds only as long as this number stays.
        self.reloads = 0
        self.reload()

    def reload(self) -> None:
        """Read again what is kept in memory, after a reset or a restore."""
        stored = get_meta(self.connection, "settings")
        self.settings = Settings() if stored is None else msgspec.json.decode(stored, type=Settings)
        self.fields.reload()
        self.reloads += 1
        self.banned = {(row[0], row[1]) for row in self.connection.execute("SELECT kind, value FROM banned")}

    def keep_settings(self, settings: Settings) -> None:
        self.settings = settings
        set_meta(self.connection, "settings", msgspec.json.encode(settings).decode())

    def now_ms(self) -> int:
        return self.clock.epoch_ms()

    def count_contacts(self) -> int:
        return int(self.connection.execute("SELECT count(*) FROM contacts").fetchone()[0])
