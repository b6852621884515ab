"""Reads the marketing lists of Dynamics and the lists of Dotdigital, and joins them."""

from typing import Final

from syncline.dotdigital import AddressBook, ContactPage, NotFound
from syncline.ledger import cursors
from syncline.ledger.models import Purpose, Run, RunPart, RunStatus, Trigger
from syncline.lists import in_dynamics, linking, use
from syncline.lists.models import MarketingList
from syncline.people import store
from syncline.remote import Permanent, Rejected
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.parts import audit_type_of, try_held_again, writes_out
from syncline.syncs.marketing_lists.read_contacts import stage_contacts
from syncline.syncs.marketing_lists.set_aside import set_aside, source
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import Told, tell

_ANOTHERS: Final = tell("account_mismatch")


def read_lists(context: RunContext, setting: Setting) -> Next | None:
    """All marketing lists: names, kinds, member counts, and Syncline's own columns where there are any."""
    del setting
    account = context.account
    counts: dict[str, int] = {}
    queries: dict[str, str] = {}
    seen: list[str] = []
    activated = MarketingList.objects.filter(account=account, activated=True)
    had = set(activated.values_list("pk", flat=True))
    were_aside = set(activated.exclude(problem="").values_list("pk", flat=True))
    pages = context.dataverse.pages("lists", select=in_dynamics.select_of(account), filter="statecode eq 0")
    rows = [row for page in pages for row in page.rows]
    with context.storing():
        for row in rows:
            saved = in_dynamics.save_list(account, row)
            if saved is None:
                continue
            seen.append(saved.list_id)
            lost = row.get("syncline_activated") and in_dynamics.is_anothers(account, row)
            # Whatever stood in the way last time is looked at afresh.
            problem = _ANOTHERS.text if lost else ""
            if saved.problem != problem:
                MarketingList.objects.filter(pk=saved.pk).update(problem=problem)
            if lost and saved.pk in had:
                _tell_of_loss(context, saved, _ANOTHERS)
            if saved.activated:
                counts[str(saved.pk)] = row.get("membercount") or 0
                queries[str(saved.pk)] = row.get("query") or ""
        _part_with_gone(context, seen)
        context.save_position(crm_counts=counts, queries=queries)
        if _is_by_hand(context.run):
            use.wake(context.account, context.run.scope, context.now())
        _touch_where_settings_changed(context, were_aside)
        context.save_position(were_aside=sorted(were_aside))
        for list_id in context.run.scope:
            store.touch_members(context.account.pk, list_id)
        try_held_again(context)
        context.show("Reading marketing lists")
    return None


def _is_by_hand(run: Run) -> bool:
    """Whether somebody wants to see these lists synced; a plan only looks."""
    return run.trigger == Trigger.MANUAL and run.purpose == Purpose.SYNC and not run.plan_only


def _part_with_gone(context: RunContext, seen: list[str]) -> None:
    """Lists that are no longer there. Nobody is taken out of their Dotdigital lists; it is told once."""
    gone = MarketingList.objects.filter(account=context.account, active=True).exclude(list_id__in=seen)
    for row in gone.filter(activated=True):
        _tell_of_loss(context, row, tell("list_null"))
    gone.update(active=False, problem=in_dynamics.GONE)


def _tell_of_loss(context: RunContext, marketing_list: MarketingList, told: Told) -> None:
    """A list that we synced and do not any more: this run's audit says why."""
    RunPart.objects.get_or_create(
        run=context.run,
        audit_type=audit_type_of(context.run),
        reference=marketing_list.pk,
        defaults={
            "name": marketing_list.name,
            "status": RunStatus.FAILED,
            "message_code": told.code,
            "message": told.text,
        },
    )


def _touch_where_settings_changed(context: RunContext, were_aside: set[int]) -> None:
    """With other settings the same members may be decided otherwise, so all of them are looked at again. So
    are those of a list that rested and does so no more. Whether a list that was set aside can be synced again
    is known when all has been read (`touch_mended`).
    """
    resting = Setting(context.account, context.run).resting
    tokens = dict(context.position.get("tokens", {}))
    for row in MarketingList.objects.filter(account=context.account):
        settings = f"{row.membership_action}:{row.dynamic}" if _is_synced(row, resting) else ""
        if cursors.token(context.account, source(row)) != settings:
            if settings and row.pk not in were_aside:
                store.touch_members(context.account.pk, row.pk)
            tokens[source(row)] = [settings, ""]
    context.save_position(tokens=tokens)


def _is_synced(row: MarketingList, resting: frozenset[int]) -> bool:
    return row.activated and row.active and row.pk not in resting


def join_books(context: RunContext, setting: Setting) -> Next | None:
    """Give every activated list its Dotdigital list, and find out which of those have to be read in full."""
    books = context.dotdigital.address_books()
    by_id = {book.id: book for book in books}
    to_read: list[int] = []
    for marketing_list in setting.lists:
        if not setting.takes_part(marketing_list):
            continue
        book = _book_of(context, marketing_list, by_id)
        if book is not None and setting.is_read(marketing_list) and _has_strangers(marketing_list, book):
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
            set_aside(marketing_list, _deleted_there(marketing_list))
        return book
    if marketing_list.name.strip().casefold() in linking.RESERVED:
        set_aside(
            marketing_list,
            f"“{marketing_list.name}” is a name that Dotdigital reserves. Rename the marketing list.",
        )
        return None
    found = linking.same_name(marketing_list.name, [(book.id, book.name) for book in by_id.values()])
    if found is not None:
        return _link_existing(marketing_list, by_id[found])
    return _make_book(context, marketing_list, by_id) if _may_make_book(context, marketing_list) else None


def _may_make_book(context: RunContext, marketing_list: MarketingList) -> bool:
    """A plan makes nothing, and an in-run writes nothing to Dotdigital: the list is made by the next run that
    goes out. Carrying a plan out makes lists only for the marketing lists that it was about.
    """
    run = context.run
    if run.plan_only or not writes_out(run):
        return False
    if run.purpose == Purpose.EXECUTE:
        return RunPart.objects.filter(run=run.subject_id, reference=marketing_list.pk).exists()
    return True


def _make_book(
    context: RunContext, marketing_list: MarketingList, by_id: dict[int, AddressBook]
) -> AddressBook | None:
    try:
        made = context.dotdigital.create_address_book(marketing_list.name)
    except Rejected as refusal:
        remedy = _REMEDIES.get(refusal.code, "Mend what Dotdigital says, or rename the marketing list.")
        set_aside(
            marketing_list,
            f"Dotdigital does not make a list called “{marketing_list.name}”: {refusal.reason}. {remedy}",
        )
        return None
    by_id[made.id] = made
    linking.link(marketing_list, made.id)
    return made


_REMEDIES: Final = {
    "ERROR_ADDRESSBOOK_DUPLICATE": (
        "A segment there has that name already. Rename the marketing list, or the segment in Dotdigital."
    ),
    "ERROR_ADDRESSBOOK_LIMITEXCEEDED": (
        "The account has as many lists as it may. Delete one in Dotdigital, or ask for a higher limit."
    ),
}


def _link_existing(marketing_list: MarketingList, book: AddressBook) -> AddressBook | None:
    taken = (
        MarketingList.objects.filter(account_id=marketing_list.account_id, address_book_id=book.id)
        .exclude(pk=marketing_list.pk)
        .first()
    )
    if taken is not None:
        set_aside(
            marketing_list,
            f"The Dotdigital list “{book.name}” is linked to the marketing list “{taken.name}” already. "
            "Give one of the two another name.",
        )
        return None
    linking.link(marketing_list, book.id)
    return book


def _deleted_there(marketing_list: MarketingList) -> str:
    return (
        f"The Dotdigital list that “{marketing_list.name}” was linked to has been deleted there. "
        "Unlink the marketing list to have it made anew, or restore it in Dotdigital."
    )


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
    page = _page_of_book(context, setting, marketing_list) if marketing_list is not None else None
    if page is None or marketing_list is None:
        context.save_position(books_to_read=pending[1:], marker=None)
        return More()
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


def _page_of_book(context: RunContext, setting: Setting, marketing_list: MarketingList) -> ContactPage | None:
    """None where the list was deleted since the lists were read."""
    book_id = marketing_list.address_book_id or 0
    pages = context.dotdigital.contacts(
        list_id=book_id,
        include=("channelProperties", "lists"),
        data_fields=setting.labels,
        marker=context.position.get("marker"),
    )
    try:
        return next(pages)
    except Permanent:
        if _is_there(context, book_id):
            raise
    set_aside(marketing_list, _deleted_there(marketing_list))
    return None


def _is_there(context: RunContext, book_id: int) -> bool:
    try:
        context.dotdigital.get_address_book(book_id)
    except NotFound:
        return False
    return True
