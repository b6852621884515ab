"""Reads the CRM suppression list of Dynamics: all of it once, then what changed.

An environment that was provisioned before there was such a list goes without: the run says so, and still
carries over what needs no table of ours.
"""

from typing import Any, Final

from syncline.consent import in_dynamics, ledger
from syncline.dataverse import ChangeTrackingOff, DeltaExpired, DeltaPage, NotFound
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


def read_crm_list(context: RunContext, setting: Setting) -> Next | None:
    """One page."""
    del setting
    position = context.position
    if position.get("crm_list_read"):
        return None
    if not context.account.provisioned:
        context.save_position(crm_list_read=True, no_tables=True)
        return More()
    link = position.get("crm_list_link")
    first = position.get("crm_list_first")
    if link is None:
        link = cursors.token(context.account, SOURCE)
        first = not link
    try:
        page = _page(context, link)
    except DeltaExpired:
        context.save_position(crm_list_link="", crm_list_first=True)
        return More()
    except NotFound:
        context.save_position(crm_list_read=True, no_tables=True)
        return More()
    except ChangeTrackingOff:
        return _read_without_tracking(context)
    with context.storing():
        _stage(context, page.rows, page.deleted)
        if page.next_link:
            context.save_position(crm_list_link=page.next_link, crm_list_first=first)
            return More()
        _end_reading(context, in_full=bool(first), token=page.delta_link or "")
    return More()


def _page(context: RunContext, link: str) -> DeltaPage:
    client = context.dataverse
    return next(client.delta_from(link) if link else client.delta(SUPPRESSED_EMAILS, _COLUMNS))


def _read_without_tracking(context: RunContext) -> Next:
    """Change tracking is off: the list is read whole in each run, a page at a time, within this step."""
    for page in context.dataverse.pages(SUPPRESSED_EMAILS, select=_COLUMNS):
        with context.storing():
            _stage(context, page.rows, [])
    with context.storing():
        _end_reading(context, in_full=True, token="")
    return More()


def _stage(context: RunContext, rows: list[dict[str, Any]], deleted: list[str]) -> None:
    account_id = context.account.pk
    mine = [row for row in rows if _is_ours(context, row)]
    entries = [(row[f"{SUPPRESSED_EMAIL_TABLE}id"], person_key(row.get(ADDRESS), "")) for row in mine]
    named = [(row_id, key) for row_id, key in entries if key != "@"]
    concerned = in_dynamics.keep_entries(account_id, named, context.run.pk)
    _enter_in_ledger(context, sorted(set(concerned) & {key for _, key in named}))
    concerned += in_dynamics.drop_entries(account_id, deleted) if deleted else []
    store.make_due(account_id, store.SUPPRESSIONS, set(concerned))


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


def _end_reading(context: RunContext, *, in_full: bool, token: str) -> None:
    if in_full:
        gone = in_dynamics.drop_unseen_entries(context.account.pk, context.run.pk)
        store.make_due(context.account.pk, store.SUPPRESSIONS, set(gone))
    tokens = context.position.get("tokens", {})
    if token:
        tokens = {**tokens, SOURCE: [token, ""]}
    context.save_position(crm_list_read=True, tokens=tokens)
