"""Reads the CRM suppression list of Dynamics: all of it once, then what changed.

Every sync of lists or consent reads it, for an entry is a stop from the moment somebody made it. Where
nothing changed that is one call. An environment that was provisioned before there was such a list goes
without: a consent sync says so, and still carries over what needs no table of ours.
"""

from collections.abc import Iterator
from typing import Any, Final

from syncline.consent import in_dynamics, ledger
from syncline.dataverse import ChangeTrackingOff, DeltaExpired, NotFound, Page
from syncline.ledger import cursors
from syncline.people import store
from syncline.people.facts import person_key
from syncline.syncs.consent.rows import SUPPRESSED_EMAIL_TABLE, SUPPRESSED_EMAILS
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting

ADDRESS: Final = "syncline_email"
ACCOUNT: Final = "syncline_account"
_COLUMNS: Final = (ADDRESS, ACCOUNT)
SOURCE: Final = f"dataverse:{SUPPRESSED_EMAIL_TABLE}"

_KEPT: Final = "with account"
"""What is kept of an entry. A cursor from when that was less is none: all of the list is read again."""

GONE_AT_A_TIME: Final = 5000
"""Entries forgotten in a step."""

_MODIFIED: Final = "modified:"
"""A cursor that begins so is a `modifiedon` mark and not a delta link: change tracking was off."""


def read_crm_list(context: RunContext, setting: Setting) -> Next | None:
    """One page, or one batch of what a reading of the whole list did not find any more."""
    del setting
    position = context.position
    if position.get("crm_list_read"):
        return None
    if not context.account.provisioned:
        context.save_position(crm_list_read=True, no_tables=True)
        return More()
    try:
        match position.get("crm_list", {}).get("way"):
            case None:
                token = cursors.token(context.account, SOURCE, _KEPT)
                _begin(context, "" if token.startswith(_MODIFIED) else token)
            case "delta":
                _read_delta(context)
            case "modified":
                _read_modified(context)
            case _:
                _forget_gone(context)
    except DeltaExpired:
        _begin(context, "")
    except NotFound:
        context.save_position(crm_list_read=True, no_tables=True)
    except ChangeTrackingOff:
        _go_without_tracking(context)
    return More()


def _begin(context: RunContext, link: str) -> None:
    """From a delta link, or from the beginning."""
    began = "" if link else context.dataverse_now()
    context.save_position(crm_list={"way": "delta", "link": link, "began": began})


def _read_delta(context: RunContext) -> None:
    reading = context.position["crm_list"]
    client, link = context.dataverse, reading["link"]
    page = next(client.delta_from(link) if link else client.delta(SUPPRESSED_EMAILS, _COLUMNS))
    with context.storing():
        _stage(context, page.rows)
        _look_at(context, set(in_dynamics.drop_entries(context.account.pk, page.deleted)))
        if page.next_link:
            context.save_position(crm_list={**reading, "link": page.next_link})
        elif reading["began"]:
            # The delta link is stamped at the last page: what was entered on one that had been read before is
            # found by when it was.
            since, token = reading["began"], page.delta_link or ""
            sweep = {"way": "modified", "since": since, "link": "", "in_full": True, "token": token}
            context.save_position(crm_list=sweep)
        else:
            _settle(context, page.delta_link or "")


def _go_without_tracking(context: RunContext) -> None:
    """Change tracking is off. Entries that are gone are found only by reading all of them, which the consent
    syncs do each time. A list sync reads what is new: that is all that stops anybody.
    """
    token = cursors.token(context.account, SOURCE, _KEPT)
    reads_all = context.run.sync_type in store.CONSENT_SYNCS or not token.startswith(_MODIFIED)
    context.save_position(
        crm_list={
            "way": "modified",
            "since": "" if reads_all else token.removeprefix(_MODIFIED),
            "link": "",
            "in_full": reads_all,
            "token": _MODIFIED + context.dataverse_now(),
        }
    )


def _read_modified(context: RunContext) -> None:
    """Entries made or changed since a moment, or all."""
    reading = context.position["crm_list"]
    page = next(_modified_pages(context, reading))
    with context.storing():
        _stage(context, page.rows)
        if page.next_link:
            context.save_position(crm_list={**reading, "link": page.next_link})
        elif reading["in_full"]:
            context.save_position(crm_list={"way": "forget", "token": reading["token"]})
        else:
            _settle(context, reading["token"])


def _modified_pages(context: RunContext, reading: dict[str, Any]) -> Iterator[Page]:
    if reading["link"]:
        return context.dataverse.pages_from(reading["link"])
    return context.dataverse.pages(
        SUPPRESSED_EMAILS,
        select=_COLUMNS,
        filter=f"modifiedon ge {reading['since']}" if reading["since"] else None,
        orderby=("modifiedon asc", f"{SUPPRESSED_EMAIL_TABLE}id asc"),
    )


def _forget_gone(context: RunContext) -> None:
    """The whole list has been read: an entry that was not among it is gone."""
    account_id, run_id = context.account.pk, context.run.pk
    with context.storing():
        gone = in_dynamics.drop_unseen_entries(account_id, run_id, GONE_AT_A_TIME)
        _look_at(context, set(gone))
        if len(gone) < GONE_AT_A_TIME:
            _settle(context, context.position["crm_list"]["token"])


def _settle(context: RunContext, token: str) -> None:
    """Keep the new token with the run; it becomes the account's cursor when everything read is settled."""
    tokens = {**context.position.get("tokens", {}), SOURCE: [token, _KEPT]}
    context.save_position(crm_list={}, crm_list_read=True, tokens=tokens)


def _stage(context: RunContext, rows: list[dict[str, Any]]) -> None:
    mine = [row for row in rows if _is_ours(context, row)]
    entries = [
        (row[f"{SUPPRESSED_EMAIL_TABLE}id"], person_key(row.get(ADDRESS), ""), bool(row.get(ACCOUNT)))
        for row in mine
    ]
    addressed = [entry for entry in entries if entry[1] != "@"]
    concerned = set(in_dynamics.keep_entries(context.account.pk, addressed, context.run.pk))
    _enter_in_ledger(context, sorted(concerned & {key for _, key, _ in addressed}))
    _look_at(context, concerned)


def _look_at(context: RunContext, concerned: set[str]) -> None:
    """Suppressions carries it over, and the lists decide about these people anew."""
    store.make_due(context.account.pk, store.SUPPRESSIONS, concerned)
    store.touch(context.account.pk, concerned)


def _is_ours(context: RunContext, row: dict[str, Any]) -> bool:
    """An entry without an account is about every account of the environment."""
    return (row.get(ACCOUNT) or "") in ("", str(context.account.connector_key))


def _enter_in_ledger(context: RunContext, keys: list[str]) -> None:
    ledger.record(
        ledger.Change(
            context.account.pk,
            key,
            context.now(),
            ledger.What.CRM_SUPPRESSION,
            "",
            "listed",
            ledger.Source.DYNAMICS,
            run_id=context.run.pk,
        )
        for key in keys
    )
