"""The preferences and categories of Dotdigital, and their rows in Dynamics."""

from typing import Any

from django.db import transaction

from syncline.accounts.models import EmailAccount
from syncline.consent.models import Preference as Known
from syncline.dataverse import NotFound, RowChange
from syncline.dotdigital import Preference
from syncline.ledger.models import RunStatus
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next, Wait
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell
from syncline.syncs.preferences import rows


def take_over_preferences(context: RunContext, setting: Setting) -> Next | None:
    """What may be chosen, before what was. Without our tables in Dynamics nothing is read."""
    del setting
    if "our_user" in context.position:
        return None
    found = context.dotdigital.preferences()
    try:
        answer = _write(context, found)
    except NotFound:
        end(context.run, RunStatus.FAILED, tell("no_preference_tables"))
        return Done()
    if answer is not None:
        return answer
    with context.storing():
        _keep(context.account, found)
        us = context.dataverse.who_am_i().user_id
        context.save_position(our_user=us, our_tables=[rows.CHOICE])
        context.show("Reading preferences from Dotdigital")
    return More()


def _keep(account: EmailAccount, found: list[Preference]) -> None:
    """A preference that was deleted is forgotten. Its rows in Dynamics tell what was, and stay."""
    categories = {one.id: one.public_name for one in found if one.is_category}
    with transaction.atomic():
        Known.objects.filter(account_id=account.pk).delete()
        Known.objects.bulk_create(
            Known(
                account_id=account.pk,
                number=one.id,
                name=one.public_name[: rows.LONGEST_NAME],
                category=categories.get(one.category, "")[: rows.LONGEST_NAME],
            )
            for one in found
            if not one.is_category
        )


def _write(context: RunContext, found: list[Preference]) -> Next | None:
    """Categories first, for preferences point at them. Only what differs is written, nothing by a plan."""
    account = context.account
    categories = [rows.category_row(account, one) for one in found if one.is_category]
    preferences = [rows.preference_row(account, one) for one in found if not one.is_category]
    tables = (
        (rows.CATEGORY, rows.CATEGORIES, categories),
        (rows.PREFERENCE, rows.PREFERENCES, preferences),
    )
    for table, set_, wanted in tables:
        held = _held(context, table, set_)
        changes = [RowChange(one.id, one.columns) for one in wanted if not one.is_as(held.get(one.id))]
        if not changes or context.run.plan_only:
            continue
        answers = context.dataverse.upsert_isolated(set_, table, changes)
        if late := [one for one in answers if one.state == "deferred"]:
            return Wait(max(one.after_s or 5.0 for one in late))
        if refused := [one for one in answers if one.state == "rejected"]:
            end(context.run, RunStatus.FAILED, tell("preferences_refused", refused[0].reason))
            return Done()
    return None


def _held(context: RunContext, table: str, set_: str) -> dict[str, dict[str, Any]]:
    select = (*rows.NAMED, rows.OF_CATEGORY) if table == rows.PREFERENCE else rows.NAMED
    pages = context.dataverse.pages(
        set_, select=select, filter=f"syncline_account eq '{context.account.connector_key}'"
    )
    return {row[f"{table}id"]: row for page in pages for row in page.rows}
