"""What Syncline needs inside Dynamics, as data. A new need is a new line here and nothing else.

Everything stands under one publisher, so that its names begin with `syncline_`, and in one solution, so that
it can be moved and removed as one.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncline.dataverse import NewColumn, NewTable

PREFIX = "syncline"
# Values of choices made under a publisher begin with its own five digits.
OPTION_PREFIX = 56318


def option(number: int) -> int:
    """The nth value of a choice of ours."""
    return OPTION_PREFIX * 10_000 + number


@dataclass(frozen=True, kw_only=True)
class Publisher:
    unique_name: str
    friendly_name: str
    prefix: str
    option_prefix: int


@dataclass(frozen=True, kw_only=True)
class Solution:
    """`version` is raised with every addition to the declaration.

    In the environment it is set when everything else is done, so it tells a finished set-up from a begun one.
    """

    unique_name: str
    friendly_name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A column that points at a row of `target`."""

    column: NewColumn
    target: str
    target_key: str
    relationship: str


@dataclass(frozen=True, kw_only=True)
class Key:
    schema_name: str
    label: str
    columns: tuple[str, ...]

    @property
    def logical_name(self) -> str:
        return self.schema_name.lower()


@dataclass(frozen=True, kw_only=True)
class TablePart:
    """What a table must have. `make` is None for a table of Dynamics, which has to be there already."""

    logical_name: str
    make: NewTable | None = None
    columns: tuple[NewColumn, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    publisher: Publisher
    solution: Solution
    tables: tuple[TablePart, ...]


def logical(schema_name: str) -> str:
    """Dataverse's logical name of what was made under this schema name."""
    return schema_name.lower()


MEMBERSHIP_ACTIONS = (
    (option(0), "Ignore"),
    (option(1), "Remove from address book"),
    (option(2), "Allow known contacts"),
    (option(3), "Allow new people"),
)

NOTE_STATUSES = (
    (option(0), "In Progress"),
    (option(1), "Completed"),
    (option(2), "Failed"),
    (option(3), "Completed With Errors"),
)

MARKETING_LIST = TablePart(
    logical_name="list",
    columns=(
        NewColumn(
            schema_name="syncline_Activated",
            kind="yes_no",
            label="Activated for Email",
            description="Whether Syncline keeps this list in step with a Dotdigital list.",
            default=False,
        ),
        NewColumn(
            schema_name="syncline_SyncOrder",
            kind="whole_number",
            label="Synchronisation Order",
            description="Lists are synchronised in this order; an empty one counts as 1000.",
            min_value=0,
            max_value=1_000_000,
        ),
        NewColumn(
            schema_name="syncline_MembershipAction",
            kind="choice",
            label="Membership Action",
            description="What to do with people who are in the Dotdigital list but not in this one.",
            options=MEMBERSHIP_ACTIONS,
        ),
        NewColumn(
            schema_name="syncline_Account",
            kind="text",
            label="Email Account",
            description="Connector key of the email account that this list belongs to.",
            max_length=100,
        ),
        NewColumn(
            schema_name="syncline_LastResult",
            kind="memo",
            label="Last Sync Result",
            description="What the last synchronisation of this list did, in words.",
            max_length=4000,
        ),
    ),
)

_COUNTS = ("Read", "Created", "Updated", "Unchanged", "Skipped", "Rejected")

SYNC_NOTE = TablePart(
    logical_name="syncline_syncnote",
    make=NewTable(
        schema_name="syncline_SyncNote",
        label="Sync Note",
        plural="Sync Notes",
        description="What one run of Syncline did with one marketing list.",
        primary_name=NewColumn(schema_name="syncline_Name", kind="text", label="Name", max_length=200),
    ),
    columns=(
        NewColumn(schema_name="syncline_RunId", kind="text", label="Run", max_length=64),
        NewColumn(
            schema_name="syncline_ListId",
            kind="text",
            label="Marketing List Id",
            description="Stays when the list itself is deleted.",
            max_length=36,
        ),
        NewColumn(schema_name="syncline_Account", kind="text", label="Email Account", max_length=100),
        NewColumn(schema_name="syncline_Started", kind="date_time", label="Started"),
        NewColumn(schema_name="syncline_Ended", kind="date_time", label="Ended"),
        NewColumn(schema_name="syncline_Status", kind="choice", label="Status", options=NOTE_STATUSES),
        *(
            NewColumn(schema_name=f"syncline_{count}", kind="whole_number", label=count, min_value=0)
            for count in _COUNTS
        ),
        NewColumn(schema_name="syncline_Message", kind="memo", label="Message", max_length=4000),
    ),
    lookups=(
        Lookup(
            column=NewColumn(schema_name="syncline_List", kind="text", label="Marketing List"),
            target="list",
            target_key="listid",
            relationship="syncline_list_syncnote",
        ),
    ),
    keys=(
        Key(
            schema_name="syncline_RunAndList",
            label="Run and list",
            columns=("syncline_runid", "syncline_listid"),
        ),
    ),
)

DECLARATION = Declaration(
    publisher=Publisher(
        unique_name="syncline", friendly_name="Syncline", prefix=PREFIX, option_prefix=OPTION_PREFIX
    ),
    solution=Solution(unique_name="Syncline", friendly_name="Syncline", version="0.2.0.0"),
    tables=(MARKETING_LIST, SYNC_NOTE),
)
