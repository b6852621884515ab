"""Saving the Scheduled Sync Settings."""

import datetime

import pytest
from whenever import Instant, PlainDateTime

from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.schedule.advice import warnings_for
from syncline.schedule.defaults import add_missing_schedules
from syncline.schedule.gaps import Missed, explain_gap
from syncline.schedule.intervals import INTERVALS
from syncline.schedule.models import SyncSchedule
from syncline.schedule.problems import InvalidScheduleError
from syncline.schedule.rows import rule_of, to_instant
from syncline.schedule.rule import Rule
from syncline.schedule.settings import (
    InvalidSchedulesError,
    ScheduleChange,
    delete_window,
    rule_for,
    save_schedules,
    save_window,
    work_out_next_runs,
)
from syncline.schedule.timetable import preview
from syncline.schedule.windows import OVERNIGHT, WEEKENDS

LONDON = "Europe/London"


def london(text: str) -> Instant:
    return PlainDateTime.parse_iso(text).assume_tz(LONDON, disambiguation="raise").to_instant()


NOW = london("2026-06-03T10:20")  # A Wednesday.


def next_sync(account: EmailAccount, sync_type: str) -> Instant | None:
    due = SyncSchedule.objects.get(account=account, sync_type=sync_type).next_due_at
    return None if due is None else to_instant(due)


def test_saving_works_out_the_next_sync_in_the_accounts_zone(account: EmailAccount) -> None:
    change = ScheduleChange(sync_type="campaigns", interval="4h", window="weekdays_18_8")
    save_schedules(account, [change], by="amy", now=NOW)
    assert next_sync(account, "campaigns") == london("2026-06-03T18:00")


def test_a_date_without_a_time_goes_on_at_the_time_already_in_next_sync(account: EmailAccount) -> None:
    at_seven = ScheduleChange(
        sync_type="labels", interval="1d", window="specific", specific_time=datetime.time(7, 15)
    )
    save_schedules(account, [at_seven], by="amy", now=NOW)
    only_a_date = ScheduleChange(
        sync_type="labels", interval="1d", window="specific", starts_on=datetime.date(2026, 6, 20)
    )
    save_schedules(account, [only_a_date], by="amy", now=NOW)
    row = SyncSchedule.objects.get(account=account, sync_type="labels")
    assert preview(rule_of(row, LONDON), NOW, 2) == [london("2026-06-20T07:15"), london("2026-06-21T07:15")]
    assert next_sync(account, "labels") == london("2026-06-20T07:15")


def test_the_time_in_next_sync_is_local_time(account: EmailAccount) -> None:
    account.time_zone = "Asia/Kathmandu"
    account.save()
    save_schedules(account, [ScheduleChange(sync_type="labels", interval="1d")], by="amy", now=NOW)
    only_a_date = ScheduleChange(sync_type="labels", interval="1d", window="specific")
    assert str(rule_for(account, only_a_date).at) == "00:00:00"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (ScheduleChange(sync_type="x", interval="5m"), "interval", "no interval '5m'"),
        (ScheduleChange(sync_type="x", interval="4h", window="night"), "window", "no sync window 'night'"),
        (
            ScheduleChange(
                sync_type="x", interval="4h", window="specific", specific_time=datetime.time(3, 0)
            ),
            "window",
            "only available with Once a day or Once a week",
        ),
        (ScheduleChange(sync_type="x", interval="1d", window="specific"), "specific_time", "time of day"),
        (ScheduleChange(sync_type="x", interval="1d", window="custom"), "window", "own windows"),
        (
            ScheduleChange(
                sync_type="x",
                interval="1d",
                window="specific",
                specific_time=datetime.time(3, 0),
                specific_weekday=2,
            ),
            "specific_weekday",
            "only used with Once a week",
        ),
        (ScheduleChange(sync_type="x", interval="1w", specific_weekday=8), "specific_weekday", "weekday"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_saved(account: EmailAccount, change: ScheduleChange, field: str, words: str) -> None:
    good = ScheduleChange(sync_type="labels", interval="1d")
    with pytest.raises(InvalidSchedulesError) as caught:
        save_schedules(account, [good, change], by="amy", now=NOW)
    assert set(caught.value.by_sync_type) == {"x"}
    assert caught.value.by_sync_type["x"].field == field
    assert words in caught.value.by_sync_type["x"].message
    assert not account.schedules.exists(), "all rows or none"


def test_another_accounts_window_cannot_be_used(account: EmailAccount) -> None:
    other = EmailAccount.objects.create(name="Other", dataverse_url="x", dotdigital_url="x")
    window = save_window(other, name="Mine", hours="1" + "0" * 167, by="bob", now=NOW)
    change = ScheduleChange(sync_type="labels", interval="1d", window="custom", custom_window_id=window.pk)
    with pytest.raises(InvalidScheduleError, match="own windows"):
        rule_for(account, change)


def test_every_change_is_in_the_admin_log_with_before_and_after(account: EmailAccount) -> None:
    save_schedules(account, [ScheduleChange(sync_type="labels", interval="1d")], by="amy", now=NOW)
    changes = [
        ScheduleChange(sync_type="labels", interval="4h", window="weekends"),
        ScheduleChange(sync_type="forms", interval="1h"),
    ]
    save_schedules(account, changes, by="amy", now=NOW, origin="192.0.2.7")
    entry = AdminLogEntry.objects.latest("pk")
    assert (entry.actor, entry.origin, entry.account) == ("amy", "192.0.2.7", account)
    assert entry.before["labels"]["interval"] == "1d"
    assert entry.after["labels"]["interval"] == "4h"
    assert entry.after["labels"]["window"] == "weekends"
    assert entry.before["forms"] is None


def test_saving_what_is_already_there_changes_and_logs_nothing(account: EmailAccount) -> None:
    change = ScheduleChange(sync_type="labels", interval="15m")
    save_schedules(account, [change], by="amy", now=NOW)
    due = next_sync(account, "labels")
    assert save_schedules(account, [change], by="amy", now=NOW.add(hours=3)) == []
    assert next_sync(account, "labels") == due
    assert AdminLogEntry.objects.count() == 1


def test_painting_a_window_anew_moves_the_syncs_that_use_it(account: EmailAccount) -> None:
    mondays, tuesdays = "1" * 24 + "0" * 144, "0" * 24 + "1" * 24 + "0" * 120
    window = save_window(account, name="My day", hours=mondays, by="amy", now=NOW)
    change = ScheduleChange(sync_type="forms", interval="1d", window="custom", custom_window_id=window.pk)
    save_schedules(account, [change], by="amy", now=NOW)
    assert next_sync(account, "forms") == london("2026-06-08T00:00")
    save_window(account, name="My day", hours=tuesdays, by="amy", now=NOW)
    assert next_sync(account, "forms") == london("2026-06-09T00:00")
    with pytest.raises(InvalidScheduleError, match="forms"):
        delete_window(account, window_id=window.pk, by="amy")
    save_schedules(account, [ScheduleChange(sync_type="forms", interval="1d")], by="amy", now=NOW)
    delete_window(account, window_id=window.pk, by="amy")
    assert not account.windows.exists()


@pytest.mark.parametrize("hours", ["", "1" * 167, "2" * 168, "0" * 168])
def test_a_window_has_seven_days_of_hours_and_opens_at_least_once(account: EmailAccount, hours: str) -> None:
    with pytest.raises(InvalidScheduleError):
        save_window(account, name="Bad", hours=hours, by="amy", now=NOW)
    assert not account.windows.exists()


def test_an_account_with_painted_windows_can_be_deleted(account: EmailAccount) -> None:
    window = save_window(account, name="My day", hours="1" + "0" * 167, by="amy", now=NOW)
    change = ScheduleChange(sync_type="forms", interval="1d", window="custom", custom_window_id=window.pk)
    save_schedules(account, [change], by="amy", now=NOW)
    account.delete()
    assert not SyncSchedule.objects.exists()


def test_moving_the_account_to_another_zone_moves_its_runs(account: EmailAccount) -> None:
    save_schedules(account, [ScheduleChange(sync_type="labels", interval="1d")], by="amy", now=NOW)
    account.time_zone = "America/New_York"
    account.save()
    work_out_next_runs(account, NOW)
    assert next_sync(account, "labels") == london("2026-06-04T05:00")


def test_a_new_account_gets_a_row_for_every_sync_type_once(account: EmailAccount) -> None:
    defaults = {"labels": "1d", "crm_metadata": "1d", "scoring": "manual"}
    add_missing_schedules(account, defaults, NOW)
    save_schedules(account, [ScheduleChange(sync_type="labels", interval="manual")], by="amy", now=NOW)
    rows = add_missing_schedules(account, {**defaults, "forms": "4h"}, NOW)
    assert {row.sync_type: row.interval for row in rows} == {
        "labels": "manual",
        "crm_metadata": "1d",
        "scoring": "manual",
        "forms": "4h",
    }
    assert next_sync(account, "crm_metadata") == london("2026-06-04T00:00")
    assert next_sync(account, "scoring") is None


@pytest.mark.parametrize(
    ("lists_in", "lists_out", "warned"),
    [
        ("4h", "4h", True),
        ("2h", "4h", False),
        ("1d", "4h", True),
        ("manual", "4h", True),
        ("4h", "manual", False),
    ],
)
def test_address_books_should_run_more_often_than_the_two_way_sync(
    lists_in: str, lists_out: str, warned: bool
) -> None:
    rules = {
        "lists_in": Rule(interval=INTERVALS[lists_in]),
        "lists_out": Rule(interval=INTERVALS[lists_out]),
    }
    assert bool(warnings_for(rules, NOW)) == warned
    assert warnings_for({"lists_out": rules["lists_out"]}, NOW) == []


def test_a_window_counts_when_comparing_how_often_two_syncs_run() -> None:
    rules = {
        "lists_in": Rule(interval=INTERVALS["2h"], window=WEEKENDS),
        "lists_out": Rule(interval=INTERVALS["4h"]),
    }
    assert warnings_for(rules, NOW)


@pytest.mark.parametrize(
    ("at", "missed", "code"),
    [
        ("2026-06-03T22:00", {}, "no_record"),
        ("2026-06-03T22:00", {"2026-06-03T22:00": "still_running"}, Missed.STILL_RUNNING),
        ("2026-06-03T22:00", {"2026-06-03T22:00": "account_disabled"}, Missed.ACCOUNT_DISABLED),
        ("2026-06-03T22:00", {"2026-06-03T22:00": "engine_down"}, Missed.ENGINE_DOWN),
        ("2026-06-03T23:00", {}, "between_runs"),
        ("2026-06-03T14:00", {}, "window_shut"),
        ("2026-06-06T22:00", {}, "window_shut"),
    ],
)
def test_why_nothing_ran(at: str, missed: dict[str, str], code: str) -> None:
    rule = Rule(interval=INTERVALS["4h"], window=OVERNIGHT, zone=LONDON)
    recorded = {london(time): reason for time, reason in missed.items()}
    gap = explain_gap(rule, london(at), missed=recorded)
    assert gap.code == code
    assert gap.words


def test_a_shut_window_says_when_it_opens() -> None:
    rule = Rule(interval=INTERVALS["4h"], window=OVERNIGHT, zone=LONDON)
    gap = explain_gap(rule, london("2026-06-06T12:00"), missed={})
    assert "Monday 08 June 2026, 18:00" in gap.words
    assert explain_gap(Rule(), NOW, missed={}).code == "manual_only"
    assert explain_gap(rule, london("2026-06-03T22:00"), missed={}, ran=True).code == "ran"
