"""Reads the marketing lists of Dynamics and the lists of Dotdigital, and joins them."""

from typing import Any, Final

from syncline.dotdigital import AddressBook
from syncline.lists import linking
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people import store
from syncline.provisioning.declaration import option
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.lists_out.read_contacts import stage_contacts
from syncline.syncs.lists_out.setting import CREATED_FROM, Setting

OWN_COLUMNS: Final = (
    "syncline_activated",
    "syncline_syncorder",
    "syncline_membershipaction",
    "syncline_account",
)
"""Syncline's columns on `list`, where the environment is provisioned."""

ACTIONS: Final = {
    option(0): MembershipAction.IGNORE,
    option(1): MembershipAction.REMOVE,
    option(2): MembershipAction.ALLOW_KNOWN,
}
"""`syncline_membershipaction`; a blank means ignore."""

GONE: Final = "The marketing list was deactivated or deleted in Dynamics."

COLUMNS: Final = ("listname", "createdfromcode", "type", "statecode", "membercount", "query")


def read_lists(context: RunContext, setting: Setting) -> Next | None:
    """All marketing lists: names, kinds, member counts, and Syncline's own columns where the environment has
    them.
    """
    del setting
    select = (*COLUMNS, *OWN_COLUMNS) if context.account.provisioned else COLUMNS
    counts: dict[str, int] = {}
    queries: dict[str, str] = {}
    with context.storing():
        seen: list[str] = []
        for page in context.dataverse.pages("lists", select=select, filter="statecode eq 0"):
            for row in page.rows:
                saved = _save_list(context, row)
                if saved is None:
                    continue
                seen.append(saved.list_id)
                if saved.activated:
                    counts[str(saved.pk)] = row.get("membercount") or 0
                    queries[str(saved.pk)] = row.get("query") or ""
        gone = MarketingList.objects.filter(account=context.account, active=True).exclude(list_id__in=seen)
        gone.update(active=False, problem=GONE)
        context.save_position(crm_counts=counts, queries=queries)
        context.show("Reading marketing lists")
    return None


def _save_list(context: RunContext, row: dict[str, Any]) -> MarketingList | None:
    entity = CREATED_FROM.get(row["createdfromcode"])
    if entity is None:
        return None
    facts: dict[str, Any] = {
        "name": row["listname"],
        "entity": entity,
        "dynamic": bool(row["type"]),
        "active": True,
        "problem": "",
    }
    if context.account.provisioned:
        facts |= _own_columns(context, row)
    saved, _ = MarketingList.objects.update_or_create(
        account=context.account, list_id=row["listid"], defaults=facts
    )
    return saved


def _own_columns(context: RunContext, row: dict[str, Any]) -> dict[str, Any]:
    """Where the environment has Syncline's columns, they are where a list's settings live."""
    key = (row.get("syncline_account") or "").strip().lower()
    own = not key or key == str(context.account.connector_key)
    order = row.get("syncline_syncorder")
    return {
        "activated": bool(row.get("syncline_activated")) and own,
        "sync_order": order if order is not None else 1000,
        "membership_action": ACTIONS.get(row.get("syncline_membershipaction") or 0, MembershipAction.IGNORE),
    }


def join_books(context: RunContext, setting: Setting) -> Next | None:
    """Give every activated list its Dotdigital list, and find out which of those have to be read in full."""
    books = context.dotdigital.address_books()
    by_id = {book.id: book for book in books}
    to_read: list[int] = []
    for marketing_list in setting.lists:
        if marketing_list.problem:
            continue
        book = _book_of(context, marketing_list, by_id)
        if book is not None and _has_strangers(marketing_list, book):
            to_read.append(marketing_list.pk)
    context.save_position(
        books_to_read=to_read, book_counts={str(book.id): book.contacts for book in books}, marker=None
    )
    return None


def _book_of(
    context: RunContext, marketing_list: MarketingList, by_id: dict[int, AddressBook]
) -> AddressBook | None:
    """The Dotdigital list of a marketing list: the linked one, one of the same name, or a new one."""
    if marketing_list.address_book_id is not None:
        book = by_id.get(marketing_list.address_book_id)
        if book is None:
            _tell(
                marketing_list,
                f"The Dotdigital list that “{marketing_list.name}” was linked to has been deleted there. "
                "Unlink the marketing list to have it made anew, or restore it in Dotdigital.",
            )
        return book
    if marketing_list.name.strip().casefold() in linking.RESERVED:
        _tell(
            marketing_list,
            f"“{marketing_list.name}” is a name that Dotdigital reserves. Rename the marketing list.",
        )
        return None
    found = linking.same_name(marketing_list.name, [(book.id, book.name) for book in by_id.values()])
    if found is not None:
        return _link_existing(marketing_list, by_id[found])
    if context.run.plan_only:
        return None
    made = context.dotdigital.create_address_book(marketing_list.name)
    by_id[made.id] = made
    linking.link(marketing_list, made.id)
    return made


def _link_existing(marketing_list: MarketingList, book: AddressBook) -> AddressBook | None:
    taken = (
        MarketingList.objects.filter(account_id=marketing_list.account_id, address_book_id=book.id)
        .exclude(pk=marketing_list.pk)
        .first()
    )
    if taken is not None:
        _tell(
            marketing_list,
            f"The Dotdigital list “{book.name}” is linked to the marketing list “{taken.name}” already. "
            "Give one of the two another name.",
        )
        return None
    linking.link(marketing_list, book.id)
    return book


def _tell(marketing_list: MarketingList, problem: str) -> None:
    marketing_list.problem = problem
    marketing_list.save(update_fields=["problem"])


def _has_strangers(marketing_list: MarketingList, book: AddressBook) -> bool:
    """Whether Dotdigital counts other members than we know of: then its list has to be read.

    There is no feed of people put into or taken out of a Dotdigital list by hand; the count is what gives it
    away.
    """
    surplus = book.contacts - store.count_places(marketing_list.pk)
    return surplus != (marketing_list.book_surplus or 0)


def read_books(context: RunContext, setting: Setting) -> Next | None:
    """One page of the members of a Dotdigital list whose count does not fit what we know."""
    position = context.position
    pending: list[int] = position.get("books_to_read", [])
    if not pending:
        return None
    marketing_list = next((row for row in setting.lists if row.pk == pending[0]), None)
    if marketing_list is None or marketing_list.address_book_id is None:
        context.save_position(books_to_read=pending[1:], marker=None)
        return More()
    page = next(
        context.dotdigital.contacts(
            list_id=marketing_list.address_book_id,
            include=("channelProperties", "lists"),
            data_fields=setting.labels,
            marker=position.get("marker"),
        )
    )
    with context.storing():
        stage_contacts(context, setting, page.contacts)
        keys = [contact.email for contact in page.contacts if contact.email]
        store.mark_places_seen(marketing_list.pk, keys, context.run.pk)
        if page.next_marker:
            context.save_position(marker=page.next_marker)
        else:
            store.retire_unseen_places(context.account.pk, marketing_list.pk, context.run.pk)
            counted = position["book_counts"][str(marketing_list.address_book_id)]
            marketing_list.book_surplus = counted - store.count_places(marketing_list.pk)
            marketing_list.save(update_fields=["book_surplus"])
            context.save_position(books_to_read=pending[1:], marker=None)
        context.show(f"Reading the Dotdigital list “{marketing_list.name}”")
    return More()
