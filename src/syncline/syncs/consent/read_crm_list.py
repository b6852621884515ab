"""Reads the CRM suppression list of Dynamics: all of it once, then what changed.

Every sync of lists or consent reads it, for an entry is a stop from the moment somebody made it. Where
nothing changed that is one call. An environment that was provisioned before there was such a list goes
without: a consent sync says so, and still carries over what needs no table of ours.
"""

from collections.abc import Sequence
from typing import Any, Final

from syncline.consent import in_dynamics, ledger
from syncline.people import store
from syncline.people.facts import person_key
from syncline.syncs.consent.read_table import TableReading, read_table
from syncline.syncs.consent.rows import SUPPRESSED_EMAIL_TABLE, SUPPRESSED_EMAILS
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting

ADDRESS: Final = "syncline_email"
ACCOUNT: Final = "syncline_account"


def read_crm_list(context: RunContext, setting: Setting) -> Next | None:
    """A page of it. With change tracking off the consent syncs read all of it each time. A list sync reads
    what is new: that is all that stops anybody.
    """
    del setting
    if not context.account.provisioned and not context.position.get("crm_list_read"):
        return _without(context)
    reads_all = context.run.sync_type in store.CONSENT_SYNCS
    return read_table(context, CRM_LIST, reads_all=reads_all)


def _without(context: RunContext) -> Next:
    context.save_position(crm_list_read=True, no_tables=True)
    return More()


def _drop(context: RunContext, row_ids: Sequence[str]) -> None:
    _look_at(context, set(in_dynamics.drop_entries(context.account.pk, row_ids)))


def _forget(context: RunContext, most: int) -> int:
    gone = in_dynamics.drop_unseen_entries(context.account.pk, context.run.pk, most)
    _look_at(context, set(gone))
    return len(gone)


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


CRM_LIST: Final = TableReading(
    name="crm_list",
    table=SUPPRESSED_EMAIL_TABLE,
    set_=SUPPRESSED_EMAILS,
    columns=(ADDRESS, ACCOUNT),
    kept="with account",
    stage=_stage,
    drop=_drop,
    forget=_forget,
    absent=_without,
)
