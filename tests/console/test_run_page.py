"""One run: its counts, its lists and their notes, and its single records."""

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from console.world import Past, count_up, make_account, make_outcome, make_run
from syncline.accounts.models import EmailAccount
from syncline.console.record_pages import RECORDS_A_PAGE, RecordSearch, record_page
from syncline.ledger.models import Outcome, Run, RunStatus


def test_the_counts_add_up_in_front_of_everybody(manager: Client, past: Past) -> None:
    text = _page(manager, past.run)
    shown = {name: int(number) for name, number in re.findall(r"<dt>(\w+)</dt><dd>(\d+)</dd>", text)}
    assert shown.pop("Read") == 5
    assert sum(shown.values()) == 5
    assert shown == {"Created": 1, "Updated": 1, "Removed": 0, "Unchanged": 1, "Skipped": 1, "Rejected": 1}


def test_the_message_has_its_meaning_and_remedy_beside_it(manager: Client, past: Past) -> None:
    text = _page(manager, past.run)
    assert "1 of 5 records was not accepted" in text
    assert "Every other record arrived." in text
    assert "Look at the rejected records of the run" in text


def test_lists_are_links_to_their_notes_and_records(manager: Client, past: Past) -> None:
    address = reverse("part", args=[past.run.account.pk, past.run.key, past.newsletter.pk])
    assert f'href="{address}">Newsletter</a>' in _page(manager, past.run)
    text = manager.get(address).content.decode()
    assert "Dave was left out: he is suppressed." in text
    assert "Contacts" in text
    assert "alice@contoso.example" in text
    assert "carol@contoso.example" not in text  # She is in the other list.


def test_a_record_says_who_what_and_why(manager: Client, past: Past) -> None:
    text = _page(manager, past.run)
    assert "Bobb</del>" in text
    assert "Bobson</ins>" in text
    assert "suppression list." in text
    for words in ("The postcode is too long.", "ERROR_INVALID_VALUE", "Mend what Dotdigital says"):
        assert words in text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, ["alice", "bob", "dave", "poison", "carol"]),
        ({"address": "bob@contoso.example"}, ["bob"]),
        ({"address": " Bob@Contoso.Example "}, ["bob"]),
        ({"address": "po"}, ["poison"]),
        ({"address": "%"}, []),
        ({"address": "bob@contoso.example.org"}, []),
        ({"result": "rejected"}, ["poison"]),
        ({"result": "nonsense"}, ["alice", "bob", "dave", "poison", "carol"]),
        ({"reason": "suppressed"}, ["dave"]),
        ({"reason": "suppressed", "result": "rejected"}, []),
    ],
)
def test_records_are_found_by_address_result_and_reason(
    manager: Client, past: Past, search: dict[str, str], found: list[str]
) -> None:
    text = _page(manager, past.run, **search)
    assert re.findall(r">(\w+)@contoso\.example</span><p", text) == found


def test_the_reasons_to_choose_from_are_those_of_this_run(manager: Client, past: Past) -> None:
    text = _page(manager, past.run)
    offered = re.findall(r'<option value="(\w+)"', text)
    assert sorted(offered) == ["refused_by_dotdigital", "suppressed"]


def test_thousands_of_records_come_in_pages_forwards_and_back(contoso: EmailAccount, now: datetime) -> None:
    run = _large_run(contoso, now, 130)
    first = record_page(run, None, RecordSearch())
    second = record_page(run, None, RecordSearch(after=first.last))
    third = record_page(run, None, RecordSearch(after=second.last))
    assert [len(page.records) for page in (first, second, third)] == [RECORDS_A_PAGE, RECORDS_A_PAGE, 30]
    assert [(page.has_before, page.has_after) for page in (first, second, third)] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    back = record_page(run, None, RecordSearch(before=third.first))
    assert back == second
    assert record_page(run, None, RecordSearch(before=second.first)) == first


def test_the_links_of_the_pages_lead_on_and_keep_the_search(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    run = _large_run(contoso, now, 60)
    text = _page(manager, run, result="unchanged")
    (following,) = re.findall(r'rel="next" href="([^"]+)"', text)
    assert "result=unchanged" in following
    text = manager.get(_address(run) + following.replace("&amp;", "&")).content.decode()
    assert text.count("@contoso.example</span>") == 10
    assert "person59@contoso.example" in text


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the plan's words are SQLite's")
@pytest.mark.parametrize(
    "search",
    [
        RecordSearch(),
        RecordSearch(after=500_000),
        RecordSearch(result="rejected"),
        RecordSearch(address="alice@contoso.example"),
        RecordSearch(address="ali"),
    ],
)
def test_no_search_reads_the_whole_table_or_sorts_it(past: Past, search: RecordSearch) -> None:
    with connection.execute_wrapper(_explaining):
        record_page(past.run, None, search)


@pytest.mark.parametrize("status", [RunStatus.QUEUED, RunStatus.RUNNING])
def test_an_open_page_of_a_run_under_way_asks_again(
    manager: Client, contoso: EmailAccount, now: datetime, status: str
) -> None:
    started = now if status == RunStatus.RUNNING else None
    run = make_run(contoso, status=status, started_at=started, progress_done=3, progress_total=9)
    assert "every 3s" in _page(manager, run)
    live = manager.get(_address(run) + "live")
    assert live.status_code == 200
    assert "HX-Refresh" not in live.headers
    assert f"{contoso.pk}/schedule/lists_out/cancel" in live.content.decode()


def test_when_the_run_has_ended_the_open_page_loads_anew(manager: Client, past: Past) -> None:
    assert manager.get(_address(past.run) + "live").headers["HX-Refresh"] == "true"
    assert "every 3s" not in _page(manager, past.run)


def test_a_run_of_another_account_is_not_found(manager: Client, past: Past) -> None:
    other = make_account("Fabrikam")
    assert manager.get(reverse("run", args=[other.pk, past.run.key])).status_code == 404
    theirs = make_run(other)
    address = reverse("part", args=[other.pk, theirs.key, past.newsletter.pk])
    assert manager.get(address).status_code == 404


def test_what_a_record_holds_is_shown_as_text_whatever_it_is(manager: Client, past: Past) -> None:
    make_outcome(
        past.run,
        None,
        "mallory@contoso.example",
        "updated",
        name="<script>alert(1)</script>",
        fields={"NOTES": ("x" * 10_000, "שלום 🎉"), "AGE": (None, 7), "<b>": (True, None)},
    )
    text = _page(manager, past.run, address="mallory@contoso.example")
    assert "<script>alert" not in text
    assert "שלום 🎉" in text
    assert len(text) < 30_000  # A value of ten thousand letters is cut.


def _page(client: Client, run: Run, **search: str) -> str:
    return client.get(_address(run), search).content.decode()


def _address(run: Run) -> str:
    return reverse("run", args=[run.account.pk, run.key])


def _large_run(account: EmailAccount, at: datetime, size: int) -> Run:
    run = make_run(account, started_at=at)
    one = make_outcome(run, None, "person0@contoso.example", "unchanged")
    rest = []
    for number in range(1, size):
        one.pk, one.person_key = None, f"person{number}@contoso.example"
        rest.append(Outcome(**{field.attname: getattr(one, field.attname) for field in Outcome._meta.fields}))
    Outcome.objects.bulk_create(rest)
    count_up(run)
    return run


def _explaining(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    """Asks SQLite how it would answer, and refuses an answer that walks or sorts the table of outcomes."""
    if "ledger_outcome" in sql:
        asked = "EXPLAIN QUERY PLAN " + sql.replace("%s", "?")
        plan = [row[3] for row in context["connection"].connection.execute(asked, params)]
        assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan), plan
    return execute(sql, params, many, context)
