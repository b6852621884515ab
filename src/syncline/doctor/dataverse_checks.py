"""The Dynamics side, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from syncline import provisioning
from syncline.dataverse import Dataverse, Misconfigured, NotFound, Permanent, RemoteError, Table
from syncline.doctor.checks import Check, Side, State, chain, guarded
from syncline.doctor.reaching import reach
from syncline.provisioning.declaration import DECLARATION, SYNC_NOTE
from syncline.provisioning.parts import TablePart

SIDE: Side = "dataverse"
# What each table is needed for; without the first nothing can be done, without another one kind of member.
TABLES = {
    "contact": "contacts as members",
    "lead": "leads as members",
    "account": "accounts as members",
    "list": "marketing lists",
}
NEEDED = ("contact", "list")
TRACKED = ("contact", "lead", "account")
RIGHTS = ("Create", "Read", "Write", "Append", "AppendTo")
# Lists are made by people in Dynamics, never by Syncline.
RIGHTS_ON_LISTS = ("Read", "Write", "Append", "AppendTo")
# Rows of ours are also taken away, such as those of somebody who came back; only sync notes never are.
RIGHTS_ON_OURS = (*RIGHTS, "Delete")
OURS = tuple(part for part in DECLARATION.tables if part.make is not None)
OLDEST_VERSION = (9, 2)


def dataverse_checks(client: Dataverse) -> Iterator[Check]:
    """Reach, token, environment and user in a chain; then each table by itself; then what is provisioned."""
    environment = client.environment
    known_as: list[str] = []

    def enter() -> Check:
        known_as.append(client.who_am_i().user_id)
        return _ok("Application user", f"Dataverse knows us as user {known_as[0]}.")

    entrance = list(
        chain(
            SIDE,
            [
                (
                    "Login server",
                    lambda: reach(SIDE, "Login server", environment.authority_url, environment.ca_file),
                ),
                ("Environment", lambda: reach(SIDE, "Environment", environment.root, environment.ca_file)),
                ("Access token", lambda: _token(client)),
                ("Application user", enter),
                ("Version", lambda: _version(client)),
            ],
            also=["tables", "permissions", "change tracking", "bulk messages", "provisioning"],
        )
    )
    yield from entrance
    if any(check.state == "fail" for check in entrance):
        return
    for name, purpose in TABLES.items():
        yield from _table_checks(client, name, purpose, known_as[0])
    yield guarded(SIDE, "Provisioning", lambda: _provisioned(client))
    for part in OURS:
        yield from _own_table_checks(client, part, known_as[0])


def _token(client: Dataverse) -> Check:
    client.sign_in()
    return _ok("Access token", f"The login server gave a token for {client.environment.root}.")


def _version(client: Dataverse) -> Check:
    version = client.version()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_VERSION:
        return Check(
            side=SIDE,
            name="Version",
            state="warn",
            detail=f"The environment has version {version}; Syncline is made for 9.2 and later.",
            remedy="Update the environment.",
        )
    return _ok("Version", f"Dataverse {version}.")


def _table_checks(client: Dataverse, name: str, purpose: str, user_id: str) -> Iterator[Check]:
    title = f"Table {name}"
    try:
        table = client.table(name)
    except NotFound:
        state: State = "fail" if name in NEEDED else "warn"
        yield Check(
            side=SIDE,
            name=title,
            state=state,
            detail=f"The environment has no table {name}, so there are no {purpose}.",
            remedy="Install the Dynamics 365 app that brings it (Sales or Marketing), or do without.",
        )
        return
    except RemoteError as error:
        yield Check(side=SIDE, name=title, state="fail", detail=error.message, remedy=error.what_to_do)
        return
    yield guarded(SIDE, f"Read {name}", lambda: _may_read(client, table))
    needed = RIGHTS_ON_LISTS if name == "list" else RIGHTS
    everywhere = name in TRACKED
    yield guarded(SIDE, f"Rights on {name}", lambda: _rights(client, table, user_id, needed, everywhere))
    if name in TRACKED:
        yield _tracking(table)
    yield guarded(SIDE, f"Bulk messages of {name}", lambda: _bulk(client, table))


def _own_table_checks(client: Dataverse, part: TablePart, user_id: str) -> Iterator[Check]:
    """What the application user may do with a table of ours. One that is missing is named by provisioning."""
    try:
        table = client.table(part.logical_name)
    except RemoteError:
        return
    needed = RIGHTS if part == SYNC_NOTE else RIGHTS_ON_OURS
    everywhere = part.make is not None and part.make.track_changes
    yield guarded(
        SIDE,
        f"Rights on {part.logical_name}",
        lambda: _rights(client, table, user_id, needed, everywhere),
    )


def _may_read(client: Dataverse, table: Table) -> Check:
    next(client.pages(table.set_name, select=[table.primary_id], page_size=1), None)
    return _ok(f"Read {table.logical_name}", f"Rows of {table.logical_name} can be read.")


def _rights(
    client: Dataverse, table: Table, user_id: str, needed: tuple[str, ...], everywhere: bool
) -> Check:
    """What the security roles grant, compared with what the syncs need. Nothing is tried out.

    `everywhere`: whether rows of the whole organisation are read, as change tracking demands.
    """
    name = f"Rights on {table.logical_name}"
    try:
        held = client.held_privileges(user_id)
        rights = [right for right in client.table_privileges(table.logical_name) if right.access in needed]
    except (Permanent, Misconfigured) as error:
        return Check(
            side=SIDE,
            name=name,
            state="warn",
            detail=f"What the security roles grant could not be read: {error.message}",
            remedy=f"Check that they grant {', '.join(needed)} on {table.logical_name}.",
        )
    missing = [right.name for right in rights if right.id not in held]
    if missing:
        return Check(
            side=SIDE,
            name=name,
            state="fail",
            detail=f"The application user lacks {', '.join(missing)}.",
            remedy="Add these to its security role in the Power Platform admin centre.",
        )
    narrow = [right.name for right in rights if right.access == "Read" and held[right.id] != "Global"]
    if narrow and everywhere:
        return Check(
            side=SIDE,
            name=name,
            state="fail",
            detail=f"{narrow[0]} does not reach the whole organisation, which reading changes demands.",
            remedy=f"Widen {narrow[0]} to Organization in its security role.",
        )
    return _ok(name, f"The application user may do what is needed with {table.logical_name}.")


def _tracking(table: Table) -> Check:
    name = f"Change tracking of {table.logical_name}"
    if table.change_tracking:
        return _ok(name, f"Changes of {table.logical_name} are tracked.")
    return Check(
        side=SIDE,
        name=name,
        state="warn",
        detail=(
            f"Changes of {table.logical_name} are not tracked: rows are found by their time of change,"
            " which is slower and does not see deletions."
        ),
        remedy="Turn on Track changes for this table in Power Apps (Tables, Properties), and publish.",
    )


def _bulk(client: Dataverse, table: Table) -> Check:
    name = f"Bulk messages of {table.logical_name}"
    if client.supports(table.logical_name, "UpdateMultiple"):
        return _ok(name, f"{table.logical_name} takes many rows in one request.")
    return Check(
        side=SIDE,
        name=name,
        state="warn",
        detail=f"{table.logical_name} has no UpdateMultiple; batches are used, which is slower.",
    )


def _provisioned(client: Dataverse) -> Check:
    plan = provisioning.plan(client)
    if plan.clashes:
        return Check(
            side=SIDE,
            name="Provisioning",
            state="fail",
            detail=" ".join(f"{clash.what}." for clash in plan.clashes),
            # Several clashes may have one remedy.
            remedy=" ".join(dict.fromkeys(clash.remedy for clash in plan.clashes)),
        )
    if plan.steps:
        missing = "; ".join(step.words for step in plan.steps)
        return Check(
            side=SIDE,
            name="Provisioning",
            state="warn",
            detail=f"Syncline's own columns and tables are not all there. To be done: {missing}.",
            remedy=(
                "Run `syncline provision`, or go on without: list settings then stay in Syncline, and"
                " consent is not shown in Dynamics."
            ),
        )
    return _ok("Provisioning", f"Syncline {plan.declaration.solution.version} is set up in the environment.")


def _ok(name: str, detail: str) -> Check:
    return Check(side=SIDE, name=name, state="ok", detail=detail)
