"""The Sync Audit: which runs it shows, and what it says about them."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.world import Past, make_account, make_run
from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Run, RunPart, RunStatus
from syncline.syncs.messages import MESSAGES, tell


def test_an_empty_audit_says_what_to_do_next(manager: Client, contoso: EmailAccount) -> None:
    assert "Nothing has been synchronised in the last 30 days" in _page(manager, contoso)


def test_a_row_names_lists_status_counts_and_what_to_do(manager: Client, past: Past) -> None:
    text = _page(manager, past.run.account)
    for words in (
        "MarketingListsDataOut",
        "Newsletter, Events in Zürich",
        "2 hours ago",
        "Manual by alice",
        "1 min 23 s",
        "Completed With Errors",
        "<strong>5</strong> read",
        "1 rejected",
        "1 of 5 records was not accepted",
        "Every other record arrived.",
        "What to do:",
    ):
        assert words in text


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_message_is_shown_with_its_meaning_and_remedy(
    manager: Client, contoso: EmailAccount, now: datetime, code: str
) -> None:
    told = tell(code, "FAVOURITE_COLOUR", "Mend it.", "URL, when")
    make_run(
        contoso,
        status=RunStatus.FAILED,
        started_at=now,
        message_code=told.code,
        message=told.text,
        remedy=told.remedy,
    )
    text = _words(_page(manager, contoso))
    assert told.text in text
    assert MESSAGES[code].meaning in text
    assert told.remedy in text
    assert "{0}" not in text


def test_a_message_without_an_entry_in_the_catalogue_is_shown_as_it_is(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    make_run(contoso, status=RunStatus.FAILED, started_at=now, message_code="gone", message="<b>Odd</b>")
    assert "&lt;b&gt;Odd&lt;/b&gt;" in _page(manager, contoso)


def test_waiting_runs_old_runs_and_other_accounts_are_not_in_it(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    make_run(contoso, "labels", status=RunStatus.QUEUED)
    make_run(contoso, "labels", started_at=now - timedelta(days=31))
    make_run(make_account("Fabrikam"), "labels", started_at=now)
    assert "Nothing has been synchronised" in _page(manager, contoso)


def test_a_run_cancelled_before_it_started_is_in_it(manager: Client, contoso: EmailAccount) -> None:
    make_run(contoso, "labels", status=RunStatus.CANCELLED)
    text = _page(manager, contoso)
    assert "Never started" in text
    assert "Cancelled" in text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"sync_type": "labels"}, [4, 2]),
        ({"status": "failed"}, [2]),
        ({"start": "-50h"}, [2, 1]),
        ({"start": "-50h", "end": "-30h"}, [2]),
        ({"end": "-80h"}, [4]),
        ({"sync_type": "labels", "status": "completed"}, [4]),
        ({"sync_type": "crm_metadata"}, []),
    ],
)
def test_search_by_start_type_and_status(
    manager: Client, contoso: EmailAccount, now: datetime, search: dict[str, str], found: list[int]
) -> None:
    for days, kind in ((4, "labels"), (3, "lists_out"), (2, "labels"), (1, "lists_out")):
        status = RunStatus.FAILED if days == 2 else RunStatus.COMPLETED
        make_run(
            contoso, kind, status=status, started_at=now - timedelta(days=days), requested_by=f"day{days}"
        )
    sent = {name: _hours_from(now, text) if text.startswith("-") else text for name, text in search.items()}
    shown = re.findall(r"by day(\d)", _page(manager, contoso, **sent))
    assert sorted(shown, reverse=True) == [str(days) for days in found]


def test_times_are_meant_in_the_accounts_own_zone(manager: Client, now: datetime) -> None:
    tokyo = make_account("Tokyo", time_zone="Asia/Tokyo")
    run = make_run(tokyo, started_at=now - timedelta(hours=1))
    local = run.started_at.astimezone(ZoneInfo("Asia/Tokyo")).replace(tzinfo=None)
    minute = local.isoformat(timespec="minutes")
    assert "MarketingListsDataOut" in _page(manager, tokyo, start=minute, end=minute)
    later = (local + timedelta(minutes=1)).isoformat(timespec="minutes")
    assert "No sync matches this search" in _page(manager, tokyo, start=later)


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ({"start": "yesterday"}, "is not a date and time"),
        ({"start": "2026-05-02T00:00", "end": "2026-05-01T00:00"}, "The search ends before it starts"),
    ],
)
def test_a_search_that_cannot_be_meant_says_why(
    manager: Client, past: Past, search: dict[str, str], words: str
) -> None:
    text = _page(manager, past.run.account, **search)
    assert words in text
    assert "Newsletter" in text  # And shows everything rather than nothing.


def test_the_audit_comes_in_pages_newest_first(
    manager: Client,
    contoso: EmailAccount,
    now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for hours in range(30):
        run = make_run(contoso, started_at=now - timedelta(hours=hours), requested_by=f"hour{hours}.")
        RunPart.objects.create(run=run, audit_type="MarketingListsDataOut", name="Newsletter")
    with django_assert_max_num_queries(7):
        first = _page(manager, contoso)
    assert re.findall(r"by hour(\d+)", first) == [str(hours) for hours in range(25)]
    assert "1–25 of 30" in first
    second = _page(manager, contoso, page="2")
    assert re.findall(r"by hour(\d+)", second) == [str(hours) for hours in range(25, 30)]


def test_a_page_with_a_run_under_way_asks_again_and_one_without_does_not(
    manager: Client, past: Past, now: datetime
) -> None:
    assert "every 3s" not in _page(manager, past.run.account)
    make_run(past.run.account, status=RunStatus.RUNNING, started_at=now, progress_done=5, progress_total=10)
    text = _page(manager, past.run.account)
    assert "every 3s" in text
    assert "5 of 10" in text


def test_only_the_table_is_sent_to_an_open_page(manager: Client, past: Past) -> None:
    address = reverse("audit", args=[past.run.account.pk])
    text = manager.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "Newsletter" in text
    assert "<html" not in text


def test_what_failed_in_a_plan_is_no_different_but_a_plan_is_marked(
    manager: Client, contoso: EmailAccount, now: datetime
) -> None:
    make_run(contoso, started_at=now, plan_only=True)
    assert "Show the plan" in _page(manager, contoso)
    assert Run.objects.count() == 1


def _page(client: Client, account: EmailAccount, **search: str) -> str:
    return client.get(reverse("audit", args=[account.pk]), search).content.decode()


def _words(text: str) -> str:
    for code, sign in (("&#x27;", "'"), ("&quot;", '"'), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(code, sign)
    return text


def _hours_from(now: datetime, text: str) -> str:
    """`-50h` → the local time in London, as the search field sends it."""
    at = now + timedelta(hours=int(text.removesuffix("h")))
    return at.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None).isoformat(timespec="minutes")
