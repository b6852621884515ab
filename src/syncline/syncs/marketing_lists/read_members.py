"""Reads who is a member of which marketing list.

`listmember` has no change tracking. New rows are found by their `createdon`; that somebody has left is given
away by the list's member count, and only then is the list read in full. A dynamic list stores no members: its
saved query is run.
"""

from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from syncline.dataverse import InvalidQuery, NotFound, Page, member_query
from syncline.lists.models import MarketingList
from syncline.lists.use import mark_used
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.remote import Misconfigured, Permanent
from syncline.syncs import read_ahead
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.set_aside import set_aside
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, Setting

OVERLAP: Final = timedelta(minutes=2)
"""`createdon` has whole seconds, and rows of a long transaction appear later than they say."""

_ABOUT_THE_QUERY: Final = (400, 403)
"""Statuses by which Dynamics refuses a saved query: it makes no sense, or asks for what we may not see."""
_MEND_THE_QUERY: Final = "Open the list in Dynamics, mend its query and save it."

_MEMBER_COLUMNS: Final = ("_entityid_value",)


def read_members(context: RunContext, setting: Setting) -> Next | None:
    """One page of one list. Static lists are read by what is new, and in full where the count says so."""
    position = context.position
    pending = position.get("members_to_read")
    if pending is None:
        pending = [row.pk for row in setting.lists if setting.is_read(row)]
        context.save_position(members_to_read=pending, members_since=context.dataverse_now())
    marketing_list = next((row for row in setting.lists if pending and row.pk == pending[0]), None)
    if marketing_list is None:
        context.save_position(members_to_read=pending[1:], member_page=None)
        return More() if pending else None
    if marketing_list.dynamic:
        _read_dynamic(context, marketing_list)
    elif position.get("members_in_full") or marketing_list.crm_surplus is None:
        _read_static(context, marketing_list)
    else:
        _read_new(context, marketing_list)
    return More()


def _next_list(context: RunContext) -> None:
    pending = context.position["members_to_read"][1:]
    context.save_position(members_to_read=pending, member_page=None, members_in_full=False)


def _read_new(context: RunContext, marketing_list: MarketingList) -> None:
    """Rows made since the last reading. If the counts then agree nobody has left, for whoever is a member was
    known or is new.
    """
    since = datetime.fromisoformat(marketing_list.crm_members_since) - OVERLAP
    pages = context.dataverse.pages(
        "listmembers",
        select=_MEMBER_COLUMNS,
        filter=f"_listid_value eq {marketing_list.list_id} and createdon ge {since:%Y-%m-%dT%H:%M:%SZ}",
    )
    rows = list(chain.from_iterable(page.rows for page in pages))
    counted = context.position["crm_counts"].get(str(marketing_list.pk), 0)
    with context.storing():
        stage_members(context, marketing_list, rows)
        if counted - store.count_members(marketing_list.pk) == marketing_list.crm_surplus:
            _keep_mark(context, marketing_list)
            _next_list(context)
        else:
            context.save_position(members_in_full=True)


def _read_static(context: RunContext, marketing_list: MarketingList) -> None:
    page = static_page(context, marketing_list, context.position.get("member_page"))
    with context.storing():
        stage_members(context, marketing_list, page.rows)
        if page.next_link:
            context.save_position(member_page=page.next_link)
        else:
            finish_full(context, marketing_list)
        _show(context, marketing_list)


def static_page(context: RunContext, marketing_list: MarketingList, link: str | None) -> Page:
    client = context.dataverse

    def fetch(link: str) -> Page:
        return next(client.pages_from(link))

    if link:
        return read_ahead.page_at(context.account.pk, link, fetch, lambda page: page.next_link)
    chosen = f"_listid_value eq {marketing_list.list_id}"
    page = next(client.pages("listmembers", select=_MEMBER_COLUMNS, filter=chosen))
    read_ahead.start(context.account.pk, page.next_link, fetch)
    return page


def _read_dynamic(context: RunContext, marketing_list: MarketingList) -> None:
    entity = Entity(marketing_list.entity)
    key = PRIMARY_IDS[entity]
    try:
        query = member_query(
            context.position["queries"][str(marketing_list.pk)],
            table=entity.value,
            primary_key=key,
            columns=(),
        )
        page = next(
            context.dataverse.fetch_pages(
                ENTITY_SETS[entity], query, cursor=context.position.get("member_page")
            )
        )
    except (Permanent, Misconfigured) as error:
        if not isinstance(error, InvalidQuery) and error.status not in _ABOUT_THE_QUERY:
            raise
        remedy = error.what_to_do if isinstance(error, Misconfigured) else _MEND_THE_QUERY
        _stop(
            context,
            marketing_list,
            f"The query of the dynamic list “{marketing_list.name}” cannot be run: {error}. {remedy}",
        )
        return
    with context.storing():
        stage_members(context, marketing_list, [{"_entityid_value": row[key]} for row in page.rows])
        if page.next_cursor:
            context.save_position(member_page=page.next_cursor)
        else:
            finish_full(context, marketing_list)
        _show(context, marketing_list)


def _show(context: RunContext, marketing_list: MarketingList) -> None:
    context.show(f"Reading the members of “{marketing_list.name}”")


def stage_members(context: RunContext, marketing_list: MarketingList, rows: list[dict[str, Any]]) -> int:
    """Store memberships and touch whoever is new in the list. Returns how many are."""
    record_ids = [row["_entityid_value"] for row in rows]
    fresh: list[str] = []
    for start in range(0, len(record_ids), 5000):
        chunk = record_ids[start : start + 5000]
        known = store.known_members([marketing_list.pk], chunk)
        fresh.extend(record_id for record_id in chunk if record_id not in known)
    store.save_members(marketing_list.pk, record_ids, context.run.pk)
    mark_used([marketing_list.pk] if fresh else [], context.now())
    _mark_entered(context, fresh)
    for start in range(0, len(fresh), 5000):
        keys = store.keys_of_records(context.account.pk, fresh[start : start + 5000])
        store.touch(context.account.pk, keys)
        store.concern(context.account.pk, keys)
    return len(fresh)


def _mark_entered(context: RunContext, fresh: list[str]) -> None:
    """A lead that enters a list is synced from then on as its state lets it, whatever it was before."""
    for start in range(0, len(fresh), 5000):
        if store.mark_entered(context.account.pk, fresh[start : start + 5000]):
            context.save_position(entered=True)


def finish_full(context: RunContext, marketing_list: MarketingList) -> None:
    """The end of a full reading: whoever was not seen has left. A list that suddenly reads empty is not
    believed at once.
    """
    seen = store.count_seen(marketing_list.pk, context.run.pk)
    if not seen and not store.has_no_members(marketing_list.pk):
        doubt = _doubt_about_empty(context, marketing_list)
        if doubt:
            _stop(context, marketing_list, doubt)
            return
    mark_used([marketing_list.pk] if seen < store.count_members(marketing_list.pk) else [], context.now())
    store.drop_unseen_members(context.account.pk, marketing_list.pk, context.run.pk)
    counted = context.position["crm_counts"].get(str(marketing_list.pk), 0)
    # More rows than were counted: somebody entered meanwhile. That says nothing about who leaves later.
    marketing_list.crm_surplus = counted - seen if counted >= seen else None
    marketing_list.save(update_fields=["crm_surplus"])
    _keep_mark(context, marketing_list)
    _next_list(context)


def _keep_mark(context: RunContext, marketing_list: MarketingList) -> None:
    """New rows are asked for from the moment at which this reading began."""
    marketing_list.crm_members_since = context.position["members_since"]
    marketing_list.save(update_fields=["crm_members_since"])


def _doubt_about_empty(context: RunContext, marketing_list: MarketingList) -> str:
    """Ask for the list itself again: it must still be there, and say that it has no members."""
    if marketing_list.dynamic:
        return ""
    name = marketing_list.name
    try:
        row = context.dataverse.get("lists", marketing_list.list_id, select=("membercount", "statecode"))
    except NotFound:
        return f"“{name}” was deleted in Dynamics while the sync was reading it. Nobody was removed."
    if row["statecode"] == 0 and not row["membercount"]:
        return ""
    return (
        f"“{name}” reads empty, but Dynamics does not say that it is. Nobody was removed; "
        "run the sync again when Dynamics answers in full."
    )


def _stop(context: RunContext, marketing_list: MarketingList, problem: str) -> None:
    set_aside(marketing_list, problem)
    _next_list(context)
