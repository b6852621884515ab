"""Reads what people chose in Dotdigital: of each preference all of it once, then what changed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from syncline.consent import ledger
from syncline.consent.models import Preference
from syncline.dotdigital import NotFound, PreferenceChoice
from syncline.ledger import cursors
from syncline.people import store
from syncline.people.facts import person_key
from syncline.people.store import choices
from syncline.people.store.choices import NO, WORDS, YES, Chosen
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.read_contacts import BEGINNING, OVERLAP
from syncline.syncs.marketing_lists.setting import Setting


def read_choices(context: RunContext, setting: Setting) -> Next | None:
    """One page of one preference. Called after the contacts have been read, so that each is known."""
    del setting
    position = context.position
    if position.get("choices_read"):
        return None
    if "choices_mark" not in position:
        context.save_position(choices_mark=context.dotdigital.server_time().isoformat(), choices_from=[0, 0])
        return More()
    number, from_id = position["choices_from"]
    left = Preference.objects.filter(account_id=context.account.pk, number__gte=number).order_by("number")
    preference = left.first()
    if preference is None:
        context.save_position(choices_read=True)
        return More()
    return _read(context, preference.number, from_id if preference.number == number else 0)


def _read(context: RunContext, number: int, from_id: int) -> Next:
    source = _source(number)
    token = cursors.token(context.account, source)
    since = datetime.fromisoformat(token) - OVERLAP if token else BEGINNING
    found: list[PreferenceChoice] = []
    next_id: int | None = None
    try:
        page = next(context.dotdigital.choices_since(number, since, from_id=from_id))
        found, next_id = page.choices, page.next_id
    except NotFound:
        pass  # Deleted since this run read the preferences: the next finds it gone.
    with context.storing():
        stage_choices(context, found)
        if next_id is None:
            tokens = {**context.position.get("tokens", {}), source: [context.position["choices_mark"], ""]}
            context.save_position(choices_from=[number + 1, 0], tokens=tokens)
        else:
            context.save_position(choices_from=[number, next_id])
        context.show("Reading choices from Dotdigital")
    return More()


def _source(number: int) -> str:
    return f"dotdigital:preference:{number}"


def stage_choices(context: RunContext, found: Iterable[PreferenceChoice]) -> None:
    """Keep what people chose, enter it in the ledger, and look at them."""
    account_id = context.account.pk
    made = list(found)
    owners = store.keys_of_contacts(account_id, [one.contact_id for one in made])
    contact_ids: dict[Chosen, int] = {}
    for one in made:
        if key := owners.get(one.contact_id) or _key(one):
            chosen = YES if one.chosen else NO
            contact_ids[Chosen(key, one.preference, chosen, _ms(one.changed_on))] = one.contact_id
    fresh = choices.save_told(account_id, list(contact_ids))
    ledger.record(
        _entry(context, row, before, contact_ids[row]) for row, before in fresh if before != row.told
    )
    store.make_due(account_id, store.PREFERENCES, {row.key for row, _ in fresh})


def _entry(context: RunContext, row: Chosen, before: int, contact_id: int) -> ledger.Change:
    return ledger.Change(
        context.account.pk,
        row.key,
        datetime.fromtimestamp(row.told_ms / 1000, UTC) if row.told_ms else context.now(),
        ledger.What.PREFERENCE,
        WORDS[before],
        WORDS[row.told],
        ledger.Source.DOTDIGITAL,
        evidence={"preference": row.preference, "contact": contact_id},
        run_id=context.run.pk,
    )


def _key(one: PreferenceChoice) -> str:
    return person_key(one.email, str(one.contact_id)) if one.email else ""


def _ms(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0
