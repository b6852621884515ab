"""The reading of a drift audit: both sides in full, whatever the cursors say, against what we believed.

It comes after the usual reading, which has taken in all that the change feeds tell. So what differs now is
what they had not told. It is taken over and touched like any other difference, and counted. No cursor moves.
"""

from typing import Any, Final

from syncline.consent import suppressions
from syncline.dataverse import NotFound
from syncline.dotdigital import NotFound as NoSuchContact
from syncline.ledger.models import Purpose
from syncline.lists.models import MarketingList
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.remote import Misconfigured
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.phases import Phase
from syncline.syncs.marketing_lists.read_contacts import (
    BEGINNING,
    forget_contacts,
    stage_contacts,
    suppression_rows,
)
from syncline.syncs.marketing_lists.read_members import finish_full, stage_members, static_page
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, Setting
from syncline.syncs.marketing_lists.stage_records import stage_records
from syncline.syncs.messages import tell

MOST_ASKED_FOR: Final = 200
"""Contacts that a full reading did not show and that one run asks for one by one, to be sure."""


def read_in_full(context: RunContext, setting: Setting) -> Next | None:
    """One page of one source. Any other run reads nothing here."""
    if context.run.purpose != Purpose.DRIFT:
        return None
    reached: int = context.position.get("full", 0)
    if reached == len(_STAGES):
        return None
    if _STAGES[reached](context, setting) is None:
        context.save_position(full=reached + 1, full_at={})
    return More()


def _at(context: RunContext) -> dict[str, Any]:
    at: dict[str, Any] = context.position.get("full_at", {})
    return at


def _count(context: RunContext, source: str, read: int, differed: int) -> None:
    """Add to what is told at the end; part of the transaction that takes the page over."""
    tally = dict(context.position.get("full_tally", {}))
    before = tally.get(source, [0, 0])
    tally[source] = [before[0] + read, before[1] + differed]
    context.save_position(full_tally=tally)
    context.show(f"Comparing {source}", tally[source][0])


def _every_contact(context: RunContext, setting: Setting) -> Next | None:
    """Contacts come in the order of their ids, so one that is known and was passed over is gone."""
    at = _at(context)
    if at.get("done"):
        return None
    page = next(
        context.dotdigital.contacts(
            include=("channelProperties", "lists"), data_fields=setting.labels, marker=at.get("marker")
        )
    )
    ids = {contact.contact_id for contact in page.contacts}
    above = at.get("above", 0)
    highest = max([above, *ids])
    asked = at.get("asked", 0)
    missing = _missing(context, above, highest if page.next_marker else None, ids, MOST_ASKED_FOR - asked)
    gone = [key for id_, key in missing if _is_gone(context, id_)]
    with context.storing():
        differed = stage_contacts(context, setting, page.contacts)
        forget_contacts(context, gone)
        store.touch(context.account.pk, gone)
        _count(context, "contacts in Dotdigital", len(page.contacts) + len(gone), len(differed | {*gone}))
        asked += len(missing)
        context.save_position(
            full_at={
                "marker": page.next_marker,
                "above": highest,
                "asked": asked,
                "done": not page.next_marker,
            },
            full_asked_enough=asked == MOST_ASKED_FOR,
        )
    return More()


def _missing(
    context: RunContext, above: int, up_to: int | None, shown: set[int], most: int
) -> list[tuple[int, str]]:
    """(id, key) of contacts that are known in this stretch and were not shown, up to `most`.

    However many there are, no more are looked at than those that were shown and these.
    """
    known = store.contacts_between(context.account.pk, above, up_to, len(shown) + most)
    return [(id_, key) for id_, key in known.items() if id_ not in shown][:most]


def _is_gone(context: RunContext, contact_id: int) -> bool:
    try:
        context.dotdigital.get_contact(contact_id, identifier="contactId")
    except NoSuchContact:
        return True
    return False


def _every_suppression(context: RunContext, setting: Setting) -> Next | None:
    del setting
    at = _at(context)
    if at.get("done"):
        return None
    page = next(context.dotdigital.suppressed_since(BEGINNING, skip=at.get("skip", 0)))
    with context.storing():
        fresh = suppressions.save(
            context.account.pk, suppression_rows(page.suppressions), run_id=context.run.pk
        )
        store.touch(context.account.pk, fresh)
        _count(context, "suppressions in Dotdigital", len(page.suppressions), len(fresh))
        context.save_position(full_at={"skip": page.next_skip, "done": page.next_skip is None})
    return More()


def _every_member(context: RunContext, setting: Setting) -> Next | None:
    """Static lists; the query of a dynamic one is run in full by every sync."""
    at = _at(context)
    pending = at.get("pending", [row.pk for row in setting.lists if not row.dynamic and not row.problem])
    marketing_list = next((row for row in setting.lists if pending and row.pk == pending[0]), None)
    if marketing_list is None:
        context.save_position(full_at={"pending": pending[1:]})
        return More() if pending else None
    page = static_page(context, marketing_list, at.get("link"))
    with context.storing():
        fresh = stage_members(context, marketing_list, page.rows)
        left = 0
        if not page.next_link:
            left = _finish_list(context, marketing_list)
        source = f"members of “{marketing_list.name}” in Dynamics"
        _count(context, source, len(page.rows) + left, fresh + left)
        rest = pending if page.next_link else pending[1:]
        context.save_position(full_at={"pending": rest, "link": page.next_link})
    return More()


def _finish_list(context: RunContext, marketing_list: MarketingList) -> int:
    """How many have left the list. One that reads empty and is not is set aside, as in any run."""
    before = store.count_members(marketing_list.pk)
    finish_full(context, marketing_list)
    return before - store.count_members(marketing_list.pk)


def _every_record(context: RunContext, setting: Setting) -> Next | None:
    at = _at(context)
    pending = at.get("pending", list(setting.entities))
    if not pending:
        return None
    try:
        _read_table(context, setting, pending, at.get("link"))
    except (NotFound, Misconfigured) as error:
        if isinstance(error, Misconfigured) and error.status != 403:
            raise
        # The usual reading has told of a table that is not there, or that we may not see.
        context.save_position(full_at={"pending": pending[1:]})
    return More()


def _read_table(context: RunContext, setting: Setting, pending: list[str], link: str | None) -> None:
    entity = pending[0]
    client, sets = context.dataverse, ENTITY_SETS[Entity(entity)]
    page = next(
        client.pages_from(link)
        if link
        else client.pages(
            sets, select=setting.columns(entity), orderby=(f"{PRIMARY_IDS[Entity(entity)]} asc",)
        )
    )
    with context.storing():
        differed = stage_records(context, setting, entity, page.rows, in_full=True)
        gone = 0
        if not page.next_link:
            gone = store.forget_unseen_records(context.account.pk, entity, context.run.pk)
        _count(context, f"{sets} in Dynamics", len(page.rows) + gone, differed + gone)
        rest = pending if page.next_link else pending[1:]
        context.save_position(full_at={"pending": rest, "link": page.next_link})


def _tell(context: RunContext, setting: Setting) -> Next | None:
    """Say how much differed, in the run's message and in the notes of each list."""
    del setting
    tally: dict[str, list[int]] = context.position.get("full_tally", {})
    # What differs stands first. An order of our own is needed: PostgreSQL keeps none of a JSON object's keys.
    counted = sorted(tally.items(), key=lambda one: (-one[1][1], one[0]))
    told = [f"{differed:,} of {read:,} {source}" for source, (read, differed) in counted]
    run = context.run
    with context.storing():
        message = tell("drift_found", ", ".join(told))
        run.message_code, run.message, run.remedy = message.code, message.text, message.remedy
        run.save(update_fields=["message_code", "message", "remedy"])
        notes = [f"{one} differed from what Syncline knew." for one in told]
        if context.position.get("full_asked_enough"):
            notes.append(
                f"{MOST_ASKED_FOR} known contacts that Dotdigital had not shown were asked for one by one. "
                "There may be others: audit again to find them."
            )
        context.save_position(notes=[*context.position.get("notes", []), *notes])
    return None


_STAGES: Final[tuple[Phase, ...]] = (
    _every_contact,
    _every_suppression,
    _every_member,
    _every_record,
    _tell,
)
