"""The Dynamics side, step by step."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from syncline import provisioning
from syncline.dataverse import Dataverse, Misconfigured, NotFound, Permanent, Rejected, RemoteError, Table
from syncline.doctor.checks import Check, Side, State, chain, guarded
from syncline.doctor.reaching import reach

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
OLDEST_VERSION = (9, 2)


def dataverse_checks(client: Dataverse) -> Iterator[Check]:
    """Reach, token, environment and user in a chain; then each table by itself; then what is provisioned."""
    environment = client.environment
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
                ("Application user", lambda: _user(client)),
                ("Version", lambda: _version(client)),
            ],
            also=["tables", "permissions", "change tracking", "bulk messages", "provisioning"],
        )
    )
    yield from entrance
    if any(check.state == "fail" for check in entrance):
        return
    for name, purpose in TABLES.items():
        yield from _table_checks(client, name, purpose)
    yield guarded(SIDE, "Provisioning", lambda: _provisioned(client))


def _token(client: Dataverse) -> Check:
    client.sign_in()
    return _ok("Access token", f"The login server gave a token for {client.environment.root}.")


def _user(client: Dataverse) -> Check:
    me = client.who_am_i()
    return _ok("Application user", f"Dataverse knows us as user {me.user_id}.")


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


def _table_checks(client: Dataverse, name: str, purpose: str) -> Iterator[Check]:
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
    yield guarded(SIDE, f"Write {name}", lambda: _may_write(client, table))
    if name in TRACKED:
        yield _tracking(table)
    yield guarded(SIDE, f"Bulk messages of {name}", lambda: _bulk(client, table))


def _may_read(client: Dataverse, table: Table) -> Check:
    next(client.pages(table.set_name, select=[table.primary_id], page_size=1), None)
    return _ok(f"Read {table.logical_name}", f"Rows of {table.logical_name} can be read.")


def _may_write(client: Dataverse, table: Table) -> Check:
    """Change a row that cannot exist: who may write is told that it is missing, and nothing is changed."""
    name = f"Write {table.logical_name}"
    try:
        client.update(table.set_name, str(uuid.uuid4()), {})
    except NotFound:
        return _ok(name, f"Rows of {table.logical_name} can be written.")
    except Misconfigured:
        raise
    except (Permanent, Rejected) as error:
        return Check(
            side=SIDE,
            name=name,
            state="warn",
            detail=f"Whether rows of {table.logical_name} can be written did not show: {error.message}",
            remedy=f"Check that the security role has Write on {table.logical_name}.",
        )
    return _ok(name, f"Rows of {table.logical_name} can be written.")


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
        clash = plan.clashes[0]
        return Check(side=SIDE, name="Provisioning", state="fail", detail=clash.what, remedy=clash.remedy)
    if plan.steps:
        missing = "; ".join(step.words for step in plan.steps)
        return Check(
            side=SIDE,
            name="Provisioning",
            state="warn",
            detail=f"Syncline's own columns and tables are not all there. To be done: {missing}.",
            remedy="Run `syncline provision`, or go on without: list settings then stay in Syncline.",
        )
    return _ok("Provisioning", f"Syncline {plan.declaration.solution.version} is set up in the environment.")


def _ok(name: str, detail: str) -> Check:
    return Check(side=SIDE, name=name, state="ok", detail=detail)
