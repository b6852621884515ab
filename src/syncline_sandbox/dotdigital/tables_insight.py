"""The tables about insight data."""

from __future__ import annotations

# "number" orders the records of a collection; a record that is replaced keeps it. "owner" is the contact of a
# record in a contact-scoped collection. "shape" is what values the collection has seen, as JSON.
INSIGHT = """
CREATE TABLE IF NOT EXISTS insight_collections (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    scope TEXT NOT NULL,
    shape TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS insight_records (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    owner INTEGER,
    json TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS insight_records_key ON insight_records (collection, key);
CREATE INDEX IF NOT EXISTS insight_records_number ON insight_records (collection, number);
CREATE INDEX IF NOT EXISTS insight_records_owner ON insight_records (owner, collection, number)
    WHERE owner IS NOT NULL;
"""
