"""Scheduled Sync Settings: the table, saving it, Sync Now and Cancel."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from whenever import Instant

from console.world import SignedIn, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.ledger.models import Run, RunStatus, Trigger
from syncline.schedule.models import SyncWindow
from syncline.schedule.settings import ScheduleChange, save_schedules
from syncline.syncs.registry import SYNC_TYPES


def test_a_row_for_each_sync_type_that_there_is_and_no_other(manager: Client, contoso: EmailAccount) -> None:
    text = _page(manager, contoso)
    for kind in SYNC_TYPES.values():
        assert kind.name in text
        assert kind.description in text
    assert "User Mapping" not in text


def test_saved_settings_take_effect_and_are_logged(manager: Client, contoso: EmailAccount) -> None:
    answer = _save(manager, contoso, **{"interval-lists_out": "4h", "window-lists_out": "weekdays_18_8"})
    assert answer.status_code == 302
    row = contoso.schedules.get(sync_type="lists_out")
    assert (row.interval, row.window) == ("4h", "weekdays_18_8")
    assert row.next_due_at is not None
    entry = AdminLogEntry.objects.get()
    assert (entry.actor, entry.origin) == ("manager-person", "127.0.0.1")
    assert entry.after["lists_out"]["interval"] == "4h"
    text = _page(manager, contoso)
    assert '<option value="4h" selected>4 hours</option>' in text
    assert "Saved. The changes are in effect." in text


def test_a_custom_window_and_a_specific_time_can_be_chosen(manager: Client, contoso: EmailAccount) -> None:
    nights = SyncWindow.objects.create(account=contoso, name="Nights", hours="1" * 84 + "0" * 84)
    _save(
        manager,
        contoso,
        **{
            "interval-lists_out": "1h",
            "window-lists_out": f"custom:{nights.pk}",
            "interval-labels": "1w",
            "window-labels": "specific",
            "time-labels": "06:30",
            "weekday-labels": "5",
            "starts-labels": "2031-02-03",
        },
    )
    lists, labels = (contoso.schedules.get(sync_type=key) for key in ("lists_out", "labels"))
    assert lists.custom_window == nights
    assert (labels.specific_time, labels.specific_weekday, labels.starts_on) == (
        datetime.time(6, 30),
        5,
        datetime.date(2031, 2, 3),
    )


def test_only_a_date_keeps_the_time_of_the_next_sync(manager: Client, contoso: EmailAccount) -> None:
    morning = ScheduleChange(
        sync_type="labels", interval="1d", window="specific", specific_time=datetime.time(6, 30)
    )
    save_schedules(contoso, [morning], by="alice", now=Instant.now())
    sent = {"interval-labels": "1d", "window-labels": "specific", "time-labels": ""}
    _save(manager, contoso, **sent, **{"starts-labels": "2031-02-03"})
    row = contoso.schedules.get(sync_type="labels")
    assert (row.specific_time, row.starts_on) == (datetime.time(6, 30), datetime.date(2031, 2, 3))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"interval-labels": "4h", "window-labels": "specific"}, "Specific time is only available with"),
        ({"interval-labels": "1d", "window-labels": "specific"}, "Choose the time of day"),
        (
            {"interval-labels": "1d", "window-labels": "specific", "time-labels": "25:99"},
            "&#x27;25:99&#x27; is not a time",
        ),
        (
            {"interval-labels": "1d", "window-labels": "specific", "starts-labels": "31.2.2031"},
            "&#x27;31.2.2031&#x27; is not a date",
        ),
        ({"interval-labels": "7m"}, "There is no interval"),
        ({"window-labels": "custom:999"}, "Choose one of this account"),
    ],
)
def test_one_wrong_row_saves_none_and_says_where(
    manager: Client, contoso: EmailAccount, sent: dict[str, str], words: str
) -> None:
    answer = _save(manager, contoso, **({"interval-lists_out": "2h"} | sent))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert "Nothing was saved yet" in text
    assert '<option value="2h" selected>' in text  # What was chosen elsewhere is still there.
    assert not contoso.schedules.filter(interval="2h").exists()
    assert not AdminLogEntry.objects.exists()


def test_two_managers_at_once_do_not_overwrite_each_other_unseen(
    manager: Client, contoso: EmailAccount
) -> None:
    stale = _basis(manager, contoso)
    save_schedules(contoso, [ScheduleChange(sync_type="labels", interval="1d")], by="bob", now=Instant.now())
    answer = _save(manager, contoso, basis=stale, **{"interval-labels": "1w"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "bob changed this on " in text
    assert '<option value="1w" selected>' in text
    assert contoso.schedules.get(sync_type="labels").interval == "1d"
    _save(manager, contoso, **{"interval-labels": "1w"})
    assert contoso.schedules.get(sync_type="labels").interval == "1w"


def test_a_viewer_sees_the_table_without_anything_to_press(
    signed_in: SignedIn, contoso: EmailAccount
) -> None:
    save_schedules(
        contoso,
        [ScheduleChange(sync_type="lists_out", interval="4h", window="weekends")],
        by="alice",
        now=Instant.now(),
    )
    text = _page(signed_in(Role.VIEWER), contoso)
    assert "4 hours" in text
    assert "Weekends" in text
    assert "<select" not in text
    assert "/sync-now" not in text


def test_a_professional_can_start_the_list_sync_only(signed_in: SignedIn, contoso: EmailAccount) -> None:
    text = _page(signed_in(Role.PROFESSIONAL), contoso)
    assert "lists_out/sync-now" in text
    assert "labels/sync-now" not in text


def test_sync_now_queues_a_run_whatever_the_window_says(manager: Client, contoso: EmailAccount) -> None:
    assert _press(manager, contoso, "sync-now").status_code == 302
    run = contoso.runs.get()
    assert (run.status, run.trigger, run.requested_by) == (
        RunStatus.QUEUED,
        Trigger.MANUAL,
        "manager-person",
    )
    assert "Added to Queue" in _page(manager, contoso)


def test_pressing_it_twice_never_makes_two_runs(manager: Client, contoso: EmailAccount) -> None:
    _press(manager, contoso, "sync-now")
    answer = _press(manager, contoso, "sync-now", headers={"HX-Request": "true"})
    assert "in the queue already" in answer.content.decode()
    assert contoso.runs.count() == 1


def test_a_second_run_may_wait_while_one_is_under_way(manager: Client, contoso: EmailAccount) -> None:
    _running(contoso)
    _press(manager, contoso, "sync-now")
    text = _page(manager, contoso)
    assert "Synchronising In Progress" in text
    assert "Another run is waiting." in text


def test_nothing_starts_for_a_disabled_account(manager: Client, contoso: EmailAccount) -> None:
    EmailAccount.objects.update(disabled=True)
    _press(manager, contoso, "sync-now")
    assert not contoso.runs.exists()
    assert "The account is disabled, so nothing was started." in _page(manager, contoso)


def test_a_waiting_run_is_cancelled_at_once(manager: Client, contoso: EmailAccount) -> None:
    _press(manager, contoso, "sync-now")
    answer = _press(manager, contoso, "cancel", headers={"HX-Request": "true"})
    assert "was taken off the queue" in answer.content.decode()
    assert contoso.runs.get().status == RunStatus.CANCELLED


def test_a_running_run_is_asked_to_stop_and_the_page_says_when_it_will(
    manager: Client, contoso: EmailAccount
) -> None:
    run = _running(contoso)
    answer = _press(manager, contoso, "cancel", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "stops at its next safe point" in text
    assert "Stopping at the next safe point" in text
    run.refresh_from_db()
    assert run.cancel_requested_by == "manager-person"
    assert "lists_out/cancel" not in text


def test_cancelling_what_has_ended_says_so(manager: Client, contoso: EmailAccount) -> None:
    answer = _press(manager, contoso, "cancel", headers={"HX-Request": "true"})
    assert "had ended already" in answer.content.decode()


def test_the_moving_parts_carry_status_progress_and_the_times(manager: Client, contoso: EmailAccount) -> None:
    _running(contoso)
    text = manager.get(reverse("schedule-live", args=[contoso.pk])).content.decode()
    for target in ("#last-lists_out", "#next-lists_out", "#status-lists_out", "#actions-lists_out"):
        assert f'hx-target="{target}"' in text
    assert "Synchronising In Progress" in text
    assert "1,500 of 4,000" in text
    assert "Sending Newsletter" in text
    assert "<select" not in text  # Nothing of the form, so that unsaved choices stay.


def test_a_run_without_a_known_total_still_shows_that_it_moves(
    manager: Client, contoso: EmailAccount
) -> None:
    run = _running(contoso)
    Run.objects.filter(pk=run.pk).update(progress_total=None)
    assert "1,500 done" in manager.get(reverse("schedule-live", args=[contoso.pk])).content.decode()


def test_a_last_sync_that_went_wrong_is_marked(manager: Client, contoso: EmailAccount) -> None:
    make_run(contoso, "labels", status=RunStatus.FAILED, started_at=Instant.now().to_stdlib())
    assert "Failed" in _page(manager, contoso)


def test_a_queue_that_nobody_works_on_is_pointed_out(manager: Client, contoso: EmailAccount) -> None:
    assert "No worker is running" not in _page(manager, contoso)
    _press(manager, contoso, "sync-now")
    assert "No worker is running" in _page(manager, contoso)


def test_an_unknown_sync_type_or_account_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    assert manager.post(reverse("sync-now", args=[contoso.pk, "nonsense"])).status_code == 404
    assert manager.get(reverse("schedule", args=[contoso.pk + 1])).status_code == 404


def _running(account: EmailAccount) -> Run:
    return make_run(
        account,
        status=RunStatus.RUNNING,
        started_at=Instant.now().to_stdlib(),
        progress_done=1500,
        progress_total=4000,
        progress_text="Sending Newsletter",
    )


def _page(client: Client, account: EmailAccount) -> str:
    return client.get(reverse("schedule", args=[account.pk])).content.decode()


def _basis(client: Client, account: EmailAccount) -> str:
    basis = client.get(reverse("schedule", args=[account.pk])).context["basis"]
    assert isinstance(basis, str)
    return basis


def _save(client: Client, account: EmailAccount, **sent: str) -> Any:
    """Send the form as the page shows it, but for what is given."""
    shown = {f"interval-{key}": "manual" for key in SYNC_TYPES}
    shown |= {f"window-{key}": "any" for key in SYNC_TYPES}
    basis = {"basis": _basis(client, account)}
    return client.post(reverse("schedule", args=[account.pk]), shown | basis | sent)


def _press(client: Client, account: EmailAccount, button: str, **more: Any) -> Any:
    return client.post(reverse(button, args=[account.pk, "lists_out"]), **more)
