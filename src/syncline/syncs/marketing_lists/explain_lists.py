"""What a decision means for each list, in words, and what decides it."""

from collections.abc import Iterable, Mapping

from syncline.accounts.models import EmailAccount
from syncline.lists.models import MarketingList
from syncline.people.facts import PersonFacts
from syncline.syncs.marketing_lists.decisions import CrmChange, CrmCreate, CrmJoin, Decision, Line
from syncline.syncs.marketing_lists.explain_gates import account_target, record_target
from syncline.syncs.marketing_lists.explained import Asked, ListVerdict, Target, ValueTold
from syncline.syncs.reasons import REASONS

Lists = Mapping[int, MarketingList]


def outward_lists(
    account: EmailAccount, person: PersonFacts, decision: Decision, lists: Lists
) -> list[ListVerdict]:
    """Lists that a record of the person is a member of, and those that they are taken out of."""
    own = lists_of(person)
    lines = [line for line in decision.lines if line.list_id in own or line.action == "remove"]
    return [*(_line(account, person, line, lists) for line in lines), *_set_aside(own, lists)]


def inward_lists(
    account: EmailAccount, person: PersonFacts, decision: Decision, lists: Lists
) -> list[ListVerdict]:
    """Dotdigital lists that the person is in, and the marketing list not: who is let in, and who is not."""
    own = lists_of(person)
    lines = [line for line in decision.lines if line.list_id not in own and line.action != "remove"]
    in_book = {list_id for list_id, place in person.places.items() if place.status == "subscribed"}
    return [
        *(_join(join, lists, is_new=bool(decision.crm_creates)) for join in decision.crm_joins),
        *(_line(account, person, line, lists, inward=True) for line in lines),
        *_set_aside(in_book - own, lists),
    ]


def outward_values(decision: Decision) -> list[ValueTold]:
    return [
        ValueTold(label, decision.old.get(label), new, "Dotdigital") for label, new in decision.send.items()
    ]


def inward_values(decision: Decision) -> list[ValueTold]:
    """Values of records that there are, and of the one that is to be made."""
    changes: list[CrmChange | CrmCreate] = [*decision.crm_changes, *decision.crm_creates]
    return [
        ValueTold(column, old, new, change.name or change.record_id)
        for change in changes
        for column, (old, new) in change.columns.items()
    ]


def lists_of(person: PersonFacts) -> set[int]:
    """Activated marketing lists that a record of the person is a member of."""
    return {list_id for record in person.records for list_id in record.lists}


def membership_gate(person: PersonFacts, lists: Lists) -> Asked:
    """Whether any list draws on the person. The members of a list that cannot be synced may never have been
    read, so such lists are named.
    """
    question = "A record is in a marketing list that is activated for e-mail"
    if lists_of(person):
        return Asked("in_no_list", question, is_open=True)
    unread = [row for row in lists.values() if row.problem]
    words = "None of the activated lists has a record with this address."
    if unread:
        names = ", ".join(f"“{row.name}”" for row in unread)
        words += f" Not looked at, for they cannot be synced at the moment: {names}."
    return Asked(
        "in_no_list",
        question,
        is_open=False,
        words=words,
        remedy="Add the record to such a list in Dynamics, or activate its list.",
        targets=[list_target(row) for row in unread],
    )


def list_target(marketing_list: MarketingList) -> Target:
    return Target("list", marketing_list.name, str(marketing_list.pk))


def _line(
    account: EmailAccount, person: PersonFacts, line: Line, lists: Lists, *, inward: bool = False
) -> ListVerdict:
    entry = REASONS.get(line.reason)
    marketing_list = lists.get(line.list_id)
    return ListVerdict(
        list_name=marketing_list.name if marketing_list else str(line.list_id),
        record_name=line.name,
        entity=line.entity,
        verdict="not let into the marketing list" if inward else _verdict(line),
        passes=not inward and (line.action in {"create", "update"} or not line.reason),
        code=line.reason,
        reason=" ".join(filter(None, [entry.words if entry else "", line.detail])),
        remedy=entry.remedy if entry else "",
        targets=_targets(account, person, line, marketing_list),
    )


def _verdict(line: Line) -> str:
    match line.action:
        case "create" | "update":
            return "would be sent with the next sync"
        case "remove":
            return "would be taken out with the next sync"
        case _:
            return "left out" if line.reason else "in step"


def _join(join: CrmJoin, lists: Lists, *, is_new: bool) -> ListVerdict:
    """An entry into a marketing list. A record that is only to be made cannot be opened yet."""
    marketing_list = lists[join.list_id]
    code = "new_person" if is_new else "known_contact"
    record = [] if is_new else [record_target(join.entity, join.record_id, join.name)]
    return ListVerdict(
        list_name=marketing_list.name,
        record_name=join.name,
        entity=join.entity,
        verdict="would be let into the marketing list with the next sync",
        passes=True,
        code=code,
        reason=REASONS[code].words,
        remedy="",
        targets=[list_target(marketing_list), *record],
    )


def _set_aside(list_ids: Iterable[int], lists: Lists) -> list[ListVerdict]:
    """Lists about which nothing is decided while something is wrong with them."""
    return [
        ListVerdict(
            list_name=lists[list_id].name,
            record_name="",
            entity=lists[list_id].entity,
            verdict="not synced at the moment",
            passes=False,
            code="list_problem",
            reason=lists[list_id].problem,
            remedy="",
            targets=[list_target(lists[list_id])],
        )
        for list_id in sorted(list_ids)
        if list_id in lists and lists[list_id].problem
    ]


def _targets(
    account: EmailAccount, person: PersonFacts, line: Line, marketing_list: MarketingList | None
) -> list[Target]:
    """The list; and the record, setting or mapping that the reason is about."""
    found = [list_target(marketing_list)] if marketing_list else []
    match line.reason:
        case "not_active" | "reopened":
            found += [
                record_target(line.entity, line.record_id, line.name),
                account_target(account),
            ]
        case "shared_address":
            found += [
                record_target(record.entity, record.record_id, record.name)
                for record in person.records
                if record.record_id != line.record_id
            ]
        case "conversion":
            found += [
                record_target(line.entity, line.record_id, line.name),
                Target("mapping", "Data Mappings", entity=line.entity),
            ]
    return found
