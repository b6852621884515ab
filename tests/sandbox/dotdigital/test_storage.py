"""What an older sandbox stored."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from .api import Api


def test_a_snapshot_of_an_older_sandbox_lacks_tables_and_is_restored_all_the_same(api: Api) -> None:
    api.new_contact("alice@people.example")
    api.control.snapshot("older")
    (stored,) = api.sandbox.data_dir.rglob("older.sqlite")
    with closing(sqlite3.connect(stored)) as snapshot:
        snapshot.execute("DROP TABLE scores")
    api.control.restore("older")
    assert api.ok("GET", "/v2/contacts/score") == []
    assert api.contact("alice@people.example")["contactId"]
