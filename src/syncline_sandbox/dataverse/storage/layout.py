"""How a table of the metadata lies in SQLite."""

from __future__ import annotations

from syncline_sandbox.dataverse.schema.model import Column, Key, Table
from syncline_sandbox.dataverse.storage.database import Database, quoted

# Columns that connectors look rows up by, where they exist; a full scan would make the sandbox the
# bottleneck.
_INDEXED = ("versionnumber", "emailaddress1")
_ALWAYS_FILLED = frozenset(
    {
        "ownerid", "owninguser", "owningteam", "owningbusinessunit", "createdby", "createdonbehalfby",
        "modifiedby", "modifiedonbehalfby", "transactioncurrencyid",
    }
)  # fmt: skip
_INDEXED_PAIRS = {"listmember": (("listid", "entityid"), ("listid", "listmemberid"), ("entityid",))}


def storage_type(column: Column) -> str:
    """SQLite's type. Text compares without regard to (ASCII) case, as Dataverse's collation does."""
    if column.is_text:
        return "TEXT COLLATE NOCASE"
    if column.type in ("Integer", "BigInt", "Boolean", "Picklist", "State", "Status"):
        return "INTEGER"
    if column.type in ("Decimal", "Double", "Money"):
        return "REAL"
    return "TEXT"


def column_definitions(column: Column) -> list[str]:
    found = [f"{quoted(column.name)} {storage_type(column)}"]
    if column.keeps_target:
        found.append(f"{quoted(column.target_column)} TEXT")
    return found


def create_table(database: Database, table: Table) -> None:
    definitions: list[str] = []
    for column in table.columns.values():
        for definition in column_definitions(column):
            is_key = column.name == table.primary_id
            definitions.append(f"{definition} PRIMARY KEY" if is_key else definition)
    database.execute(f"CREATE TABLE {quoted(table.name)} ({', '.join(definitions)})")
    for name in _INDEXED:
        if name in table.columns:
            _index(database, table.name, (name,))
    if "modifiedon" in table.columns:
        # Reading by time of change goes in this order.
        _index(database, table.name, ("modifiedon", table.primary_id))
    for column in table.columns.values():
        _index_lookup(database, table, column)
    for names in _INDEXED_PAIRS.get(table.name, ()):
        _index(database, table.name, names)


def drop_table(database: Database, table: Table) -> None:
    database.execute(f"DROP TABLE IF EXISTS {quoted(table.name)}")
    database.execute('DELETE FROM _deleted WHERE "table" = ?', (table.name,))


def add_column(database: Database, table: Table, column: Column) -> None:
    for definition in column_definitions(column):
        database.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {definition}")
    _index_lookup(database, table, column)


def drop_column(database: Database, table: Table, column: Column) -> None:
    database.execute(f"DROP INDEX IF EXISTS {quoted(f'ix_{table.name}_{column.name}')}")
    database.execute(f"ALTER TABLE {quoted(table.name)} DROP COLUMN {quoted(column.name)}")
    if column.keeps_target:
        database.execute(f"ALTER TABLE {quoted(table.name)} DROP COLUMN {quoted(column.target_column)}")


def key_index_name(table: Table, key: Key) -> str:
    return f"key_{table.name}_{key.name}"


def build_key_index(database: Database, table: Table, key: Key) -> None:
    """Raises sqlite3.IntegrityError when existing rows collide. NULLs never collide, as in Dataverse."""
    columns = ", ".join(quoted(name) for name in key.columns)
    name = quoted(key_index_name(table, key))
    database.execute(f"CREATE UNIQUE INDEX {name} ON {quoted(table.name)} ({columns})")


def drop_key_index(database: Database, table: Table, key: Key) -> None:
    database.execute(f"DROP INDEX IF EXISTS {quoted(key_index_name(table, key))}")


def _index_lookup(database: Database, table: Table, column: Column) -> None:
    """Deletions look for rows that point at the deleted one. Empty lookups, which most are, cost nothing
    here.
    """
    if column.is_lookup and column.name not in _ALWAYS_FILLED and column.name not in _INDEXED:
        name = quoted(f"ix_{table.name}_{column.name}")
        at = quoted(column.name)
        database.execute(
            f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(table.name)} ({at}) WHERE {at} IS NOT NULL"
        )


def _index(database: Database, table: str, columns: tuple[str, ...]) -> None:
    name = quoted(f"ix_{table}_{'_'.join(columns)}")
    listed = ", ".join(quoted(column) for column in columns)
    database.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(table)} ({listed})")
