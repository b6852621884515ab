"""What marketing lists need in Dynamics: settings as columns of `list`, and a table of sync notes."""

from __future__ import annotations

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.parts import Key, Lookup, TablePart, option

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
