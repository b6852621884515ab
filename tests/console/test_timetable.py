"""The timetable preview, and custom windows."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from whenever import Instant

from console.world import basis_at
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.console.week_grid import grid_of, hours_of, open_stretches
from syncline.schedule.models import MissedSlot, SyncSchedule, SyncWindow
from syncline.schedule.settings import ScheduleChange, save_schedules

MONDAY_NOON = "2026-05-04T11:00:00+00:00"
OFFICE = "".join("1" if 9 <= hour < 17 and day < 5 else "0" for day in range(7) for hour in range(24))


def test_the_published_example_before_it_is_saved(manager: Client, contoso: EmailAccount) -> None:
    with time_machine.travel(MONDAY_NOON, tick=False):
        text = _preview(manager, contoso, interval="4h", window="weekdays_18_8")
    assert "The next 20 runs" in text
    assert _days(text) == {
        "Monday 4 May": ["18:00", "22:00"],
        "Tuesday 5 May": ["02:00", "06:00", "18:00", "22:00"],
        "Wednesday 6 May": ["02:00", "06:00", "18:00", "22:00"],
        "Thursday 7 May": ["02:00", "06:00", "18:00", "22:00"],
        "Friday 8 May": ["02:00", "06:00", "18:00", "22:00"],
        "Saturday 9 May": ["02:00", "06:00"],
    }
    assert not contoso.schedules.exists()


def test_a_change_of_the_clocks_on_the_way_is_pointed_out(manager: Client, contoso: EmailAccount) -> None:
    with time_machine.travel("2026-10-22T12:00:00+00:00", tick=False):
        text = _preview(manager, contoso, interval="1d", window="weekdays_9_17")
    assert "The clocks change during this time." in text
    assert all(times == ["09:00"] for times in _days(text).values())


def test_manual_only_never_runs_by_itself(manager: Client, contoso: EmailAccount) -> None:
    assert "Never runs by itself" in _preview(manager, contoso, interval="manual", window="any")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"interval": "4h", "window": "specific"}, "only available with Once a day"),
        ({"interval": "1d", "window": "specific", "time": "noon"}, "is not a time"),
        ({"interval": "hourly", "window": "any"}, "There is no interval"),
    ],
)
def test_what_cannot_be_previewed_says_why(
    manager: Client, contoso: EmailAccount, sent: dict[str, str], words: str
) -> None:
    assert words in _preview(manager, contoso, **sent)


def test_what_was_missed_lately_is_told_with_its_reason(manager: Client, contoso: EmailAccount) -> None:
    schedule = SyncSchedule.objects.create(account=contoso, sync_type="lists_out", interval="1h")
    MissedSlot.objects.create(
        schedule=schedule, due_at=Instant.now().subtract(hours=3).to_stdlib(), reason="account_disabled"
    )
    text = _preview(manager, contoso, interval="1h", window="any")
    assert "Missed lately" in text
    assert "The account was disabled." in text


def test_a_window_is_painted_named_and_chosen(manager: Client, contoso: EmailAccount) -> None:
    answer = _paint(manager, contoso, "Office", OFFICE)
    assert answer.status_code == 302
    window = contoso.windows.get()
    assert (window.name, window.hours) == ("Office", OFFICE)
    text = manager.get(reverse("schedule", args=[contoso.pk])).content.decode()
    assert f'<option value="custom:{window.pk}">Office</option>' in text
    assert "40 hours a week" in text


def test_a_window_can_be_renamed_and_painted_anew(manager: Client, contoso: EmailAccount) -> None:
    window = SyncWindow.objects.create(account=contoso, name="Office", hours=OFFICE)
    page = reverse("window", args=[contoso.pk, window.pk])
    answer = manager.post(page, {"name": "First hour", "hour": ["0"]} | basis_at(manager, page))
    assert answer.status_code == 302
    window.refresh_from_db()
    assert (window.name, window.hours) == ("First hour", "1" + "0" * 167)
    assert contoso.windows.count() == 1
    assert {entry.action for entry in AdminLogEntry.objects.all()} == {
        "Sync window renamed",
        "Sync window saved",
    }


@pytest.mark.parametrize(
    ("name", "hours", "words"),
    [
        ("", OFFICE, "Give the window a name"),
        ("x" * 81, OFFICE, "at most 80 characters"),
        ("Nights", OFFICE, "There is a window called Nights already"),
        ("Never", "0" * 168, "never opens"),
    ],
)
def test_a_window_that_cannot_be_saved_says_why(
    manager: Client, contoso: EmailAccount, name: str, hours: str, words: str
) -> None:
    SyncWindow.objects.create(account=contoso, name="Nights", hours="1" * 84 + "0" * 84)
    answer = _paint(manager, contoso, name, hours)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert contoso.windows.get().hours == "1" * 84 + "0" * 84


def test_a_rename_that_cannot_be_saved_changes_nothing(manager: Client, contoso: EmailAccount) -> None:
    window = SyncWindow.objects.create(account=contoso, name="Office", hours=OFFICE)
    page = reverse("window", args=[contoso.pk, window.pk])
    answer = manager.post(page, {"name": "Never", "hour": []} | basis_at(manager, page))
    assert answer.status_code == 422
    window.refresh_from_db()
    assert (window.name, window.hours) == ("Office", OFFICE)
    assert not AdminLogEntry.objects.exists()


def test_a_window_in_use_stays_until_nobody_uses_it(manager: Client, contoso: EmailAccount) -> None:
    window = SyncWindow.objects.create(account=contoso, name="Office", hours=OFFICE)
    change = ScheduleChange(sync_type="labels", interval="1h", window="custom", custom_window_id=window.pk)
    save_schedules(contoso, [change], by="alice", now=Instant.now())
    answer = manager.post(reverse("window-delete", args=[contoso.pk, window.pk]), follow=True)
    assert "Office is used by Data field labels." in answer.content.decode()
    save_schedules(
        contoso, [ScheduleChange(sync_type="labels", interval="1h")], by="alice", now=Instant.now()
    )
    manager.post(reverse("window-delete", args=[contoso.pk, window.pk]))
    assert not contoso.windows.exists()


def test_the_grid_and_the_stored_text_are_the_same_thing() -> None:
    ticked = [str(hour.number) for day in grid_of(OFFICE) for hour in day.hours if hour.open]
    assert hours_of(ticked) == OFFICE
    assert hours_of(["-1", "168", "x", "²"]) == "0" * 168
    assert list(open_stretches(OFFICE)) == [(day, 9, 8) for day in range(5)]
    assert grid_of("")[6].hours[23].label == "Sunday 23:00 to 00:00"


def _preview(client: Client, account: EmailAccount, **sent: str) -> str:
    address = reverse("timetable", args=[account.pk, "lists_out"])
    return client.get(address, {f"{key}-lists_out": value for key, value in sent.items()}).content.decode()


def _days(text: str) -> dict[str, list[str]]:
    """Day → times, as the preview shows them."""
    found: dict[str, list[str]] = {}
    day = ""
    for words in re.findall(r"<time[^>]*>([^<]+)</time>", text):
        if ":" in words:
            found[day].append(words)
        else:
            day = words
            found[day] = []
    return found


def _paint(client: Client, account: EmailAccount, name: str, hours: str) -> Any:
    ticked = [number for number, mark in enumerate(hours) if mark == "1"]
    page = reverse("window-new", args=[account.pk])
    return client.post(page, {"name": name, "hour": ticked} | basis_at(client, page))
