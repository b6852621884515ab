"""What has to be known about a page of people before their consent is decided about."""

from collections.abc import Collection, Mapping, Sequence

from syncline.accounts.models import EmailAccount
from syncline.consent import in_dynamics
from syncline.people import store
from syncline.people.facts import PersonFacts
from syncline.syncs.consent.decide import Facts, Rules
from syncline.syncs.consent.opt_in_columns import held
from syncline.syncs.context import RunContext
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.preferences.facts import with_choices


def gather_rules(context: RunContext, setting: Setting) -> Rules:
    return rules_of(context.account, setting, has_tables=not context.position.get("no_tables"))


def rules_of(account: EmailAccount, setting: Setting, *, has_tables: bool) -> Rules:
    lists = [row for row in setting.lists if setting.takes_part(row)]
    return Rules(
        marks=account.mark_do_not_bulk_email,
        keeps_crm_list=account.keep_crm_suppression_list,
        has_tables=has_tables,
        lists={row.pk: row.entity for row in lists},
        static_lists={row.pk: row.entity for row in lists if not row.dynamic},
    )


def gather_facts(context: RunContext, setting: Setting, keys: Sequence[str]) -> list[Facts]:
    """Facts in the order of `keys`."""
    account = context.account
    about_lists = context.run.sync_type == store.UNSUBSCRIBERS
    list_ids = setting.list_ids if about_lists else []
    people = store.load(account.pk, list_ids, keys)
    if context.run.sync_type == store.OPT_IN:
        return _with_opt_ins(context, [Facts(person) for person in people])
    if context.run.sync_type == store.PREFERENCES:
        us = context.position["our_user"]
        return with_choices(account, context.dataverse, us, [Facts(person) for person in people])
    return facts_about(account, people, list_ids if about_lists else None)


def facts_about(
    account: EmailAccount, found: Sequence[PersonFacts], list_ids: Collection[int] | None = None
) -> list[Facts]:
    """What is known here of the consent of these people: of these lists where any are named, else of the
    whole account.
    """
    people = {person.key: Facts(person) for person in found}
    keys = list(people)
    for key, since in in_dynamics.suppressed_since(account.pk, keys).items():
        people[key].since = since
    for row in in_dynamics.written_about(account.pk, keys, list_ids):
        people[row.person_key].written = [*people[row.person_key].written, row]
    all_here = on_same_environment(account)
    for key, record_ids in in_dynamics.marked_by_any(all_here, keys).items():
        people[key].marked = frozenset(record_ids)
    for entry in in_dynamics.entries_of(account.pk, keys):
        people[entry.person_key].entries = [*people[entry.person_key].entries, entry]
    _await_others(account, people)
    for key in in_dynamics.suppressed_by_any(set(all_here) - {account.pk}, keys):
        people[key].suppressed_elsewhere = True
    for (list_id, key), left in in_dynamics.left_at(list_ids or [], keys).items():
        people[key].left_at = {**people[key].left_at, list_id: left}
    return [people[key] for key in keys]


def _with_opt_ins(context: RunContext, people: list[Facts]) -> list[Facts]:
    """Dynamics is asked at this moment: whatever a person or another account has raised counts."""
    rows = [(record.entity, record.record_id) for facts in people for record in facts.person.records]
    now = held(context, rows)
    for facts in people:
        ids = [record.record_id for record in facts.person.records]
        facts.held = {record_id: now[record_id] for record_id in ids if record_id in now}
    return people


def _await_others(account: EmailAccount, people: Mapping[str, Facts]) -> None:
    """An entry that names no account is about every one of the environment. Who came back to this one has
    said nothing of the others, so it stays until each that keeps the list has carried it over.
    """
    of_all = {
        entry.row_id: key
        for key, facts in people.items()
        for entry in facts.entries
        if not entry.names_account
    }
    if not of_all:
        return
    same = EmailAccount.objects.filter(dataverse_url=account.dataverse_url, keep_crm_suppression_list=True)
    others = set(same.exclude(pk=account.pk).values_list("pk", flat=True))
    told = in_dynamics.told_by_all(others, of_all)
    for row_id, key in of_all.items():
        if row_id not in told:
            people[key].awaited |= {row_id}


def on_same_environment(account: EmailAccount) -> list[int]:
    """Accounts on the account's environment, disabled ones among them: what they know still counts."""
    found = EmailAccount.objects.filter(dataverse_url=account.dataverse_url)
    return list(found.values_list("pk", flat=True))
