"""A list is unlinked between two runs, never in the middle of one."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from console.world import make_account, make_list, make_run
from syncline.accounts.models import EmailAccount
from syncline.console import list_page
from syncline.ledger import lanes
from syncline.ledger.models import Run, RunStatus

pytestmark = pytest.mark.django_db(transaction=True)

A_WHILE_S = 0.5
"""Long enough for a run to start, if only it could."""


@pytest.fixture
def waiting(contoso: EmailAccount) -> Run:
    return make_run(contoso, status=RunStatus.QUEUED, started_at=None)


@pytest.fixture
def worker(waiting: Run) -> threading.Thread:
    """Not yet at work; it starts the run."""

    def work() -> None:
        lanes.start(waiting, datetime.now(UTC))
        connections.close_all()

    return threading.Thread(target=work, name="worker")


def test_a_run_that_wants_to_start_waits_until_the_list_is_unlinked(
    manager: Client, waiting: Run, worker: threading.Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = make_list(waiting.account, "News", address_book_id=4711)
    unlink, seen = list_page.unlink_list, list[str]()

    def unlink_while_a_run_wants_to_start(*arguments: object, **by: object) -> None:
        worker.start()
        worker.join(A_WHILE_S)
        waiting.refresh_from_db()
        seen.append(waiting.status)
        unlink(*arguments, **by)  # type: ignore[arg-type]

    monkeypatch.setattr(list_page, "unlink_list", unlink_while_a_run_wants_to_start)
    manager.post(reverse("list-unlink", args=[news.account_id, news.pk]))
    worker.join()
    news.refresh_from_db()
    waiting.refresh_from_db()
    assert seen == [RunStatus.QUEUED]
    assert (news.address_book_id, waiting.status) == (None, RunStatus.RUNNING)


def test_whoever_unlinks_while_a_run_starts_is_told_of_it(manager: Client, waiting: Run) -> None:
    news = make_list(waiting.account, "News", address_book_id=4711)
    address = reverse("list-unlink", args=[news.account_id, news.pk])
    told: list[str] = []

    def unlink() -> None:
        told.append(manager.post(address, follow=True).content.decode())
        connections.close_all()

    administrator = threading.Thread(target=unlink, name="administrator")
    with transaction.atomic():
        assert lanes.start(waiting, datetime.now(UTC))
        administrator.start()
        administrator.join(A_WHILE_S)
        assert administrator.is_alive()
    administrator.join()
    news.refresh_from_db()
    assert "Unlink the list when it has ended." in told[0]
    assert news.address_book_id == 4711


def test_another_lane_and_another_account_are_no_hindrance(waiting: Run) -> None:
    other = make_account("Fabrikam")
    assert lanes.start(waiting, datetime.now(UTC))
    with transaction.atomic():
        assert not lanes.keep_free(waiting.account_id, "people")
        assert lanes.keep_free(waiting.account_id, "rows")
        assert lanes.keep_free(other.pk, "people")
