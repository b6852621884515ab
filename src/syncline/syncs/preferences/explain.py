"""Why? for marketing preferences: what the next sync would do about somebody's choices."""

from syncline.people import store
from syncline.people.store import choices
from syncline.remote import RemoteError
from syncline.syncs.consent.changes import Decision
from syncline.syncs.consent.decide import Facts
from syncline.syncs.consent.explain import values_told
from syncline.syncs.consent.facts import rules_of
from syncline.syncs.explain_parts import About, erased_gate, provisioned_gate, record_gate, told
from syncline.syncs.marketing_lists.explain_gates import gate
from syncline.syncs.marketing_lists.explained import SyncTold
from syncline.syncs.preferences.decide import decide_preferences
from syncline.syncs.preferences.facts import with_choices
from syncline.syncs.reasons import words


def explain_preferences(about: About) -> SyncTold:
    person = about.person
    tables = "Dynamics has the tables of marketing preferences"
    was_listed = bool(choices.ever_in_a_list(about.account.pk, [person.key]))
    gates = [
        provisioned_gate(about, store.PREFERENCES, tables, "no_preference_tables"),
        erased_gate(about),
        record_gate(about),
        gate(
            "no_contact",
            "Dotdigital has a contact with this address",
            person.contact_id is not None,
            "Dotdigital has no contact with this address that is known.",
        ),
        gate(
            "never_listed",
            "The person is, or was, in a list",
            was_listed,
            "Only who is or was in a list that is activated for e-mail takes part, and they never were.",
            "Add them to a marketing list that is synced.",
        ),
    ]
    facts, unsure = Facts(person), ""
    if all(one.is_open for one in gates):
        try:
            client = about.dataverse()
            with_choices(about.account, client, client.who_am_i().user_id, [facts])
        except RemoteError as error:
            unsure = f"Dynamics could not be asked what it holds: {error}."
    decision = decide_preferences(facts, rules_of(about.account, about.setting, has_tables=True))
    none = "They have chosen nothing, as far as read, and neither has anybody for them in Dynamics."
    return told(
        about,
        store.PREFERENCES,
        gates,
        values_told(about, decision.changes),
        unconcerned="" if _is_anything_known(about) else none,
        agreed=_left(decision),
        unsure=unsure,
    )


def _is_anything_known(about: About) -> bool:
    ids = [one.record_id for one in about.records]
    told_there = choices.told_of(about.account.pk, [about.person.key])
    return bool(told_there or choices.rows_of_records(about.account.pk, ids))


def _left(decision: Decision) -> str:
    """What is left as it is, and why."""
    return " ".join(f"{stop.label} is left as it is: {words(stop.reason)}" for stop in decision.stops)
