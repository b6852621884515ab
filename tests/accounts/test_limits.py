"""All workers together keep to a vendor's limit; two limiters on one table stand for two workers."""

import threading
from contextlib import suppress

import pytest
from django.db import OperationalError, connection, connections, transaction

from accounts.specimens import Clock
from syncline.accounts import limits
from syncline.accounts.limits import LOOK_AGAIN_S, Quota, SharedLimiter, Told
from syncline.accounts.models import CallWindow
from syncline.accounts.quotas import dataverse_limiter, dotdigital_limiter
from syncline.remote import Retryable, Unlimited

QUOTA = Quota(calls=100, window_s=60.0)


def nothing_told(headers, status, now):
    return Told()


@pytest.fixture
def clock():
    return Clock()


def worker(clock, *, principal="contoso", quota=QUOTA):
    return SharedLimiter(principal, quota, Unlimited(), nothing_told, clock=clock)


def calls_until_refused(limiter, most=10_000, **scope):
    for number in range(most):
        try:
            limiter.before_call(**scope)
        except Retryable as wait:
            return number, wait.after_s
    return most, None


@pytest.mark.django_db(transaction=True)
class TestOneWindowForAll:
    def test_two_workers_share_one_window(self, clock):
        one, two = worker(clock), worker(clock)
        for _ in range(30):
            one.before_call()
            two.before_call()
        made, wait_s = calls_until_refused(one)
        more, _ = calls_until_refused(two)
        assert 60 + made + more == QUOTA.calls
        assert wait_s == pytest.approx(60.0)

    def test_the_next_window_begins_when_the_first_ends(self, clock):
        one, two = worker(clock), worker(clock)
        calls_until_refused(one)
        calls_until_refused(two)
        clock.time += 60.0
        assert calls_until_refused(two)[0] == QUOTA.calls
        assert calls_until_refused(one)[0] == 0

    def test_a_short_wait_is_waited_out(self, clock):
        one = worker(clock)
        calls_until_refused(one)
        clock.time += 55.0
        one.before_call()
        assert clock.slept == [pytest.approx(5.0)]

    def test_users_do_not_share(self, clock):
        calls_until_refused(worker(clock))
        assert calls_until_refused(worker(clock, principal="fabrikam"))[0] == QUOTA.calls

    def test_tiers_do_not_share(self, clock):
        one = worker(clock)
        calls_until_refused(one, scope="lowCallRate")
        assert calls_until_refused(one, scope="highCallRate")[0] == QUOTA.calls

    def test_a_call_seldom_goes_to_the_database(self, clock, django_assert_max_num_queries):
        one = worker(clock, quota=Quota(calls=4500, window_s=300.0))
        one.before_call()
        with django_assert_max_num_queries(2 * 10 + 2):
            for _ in range(900):
                one.before_call()

    def test_the_table_names_nobody(self, clock):
        dotdigital_limiter(
            "https://r1-api.dotdigital.com", "apiuser@apiconnector.com", clock=clock
        ).before_call(scope="lowCallRate")
        row = CallWindow.objects.get()
        assert "apiuser" not in row.principal


@pytest.mark.django_db(transaction=True)
class TestWhatOneWorkerIsTold:
    def dataverse(self, clock):
        return dataverse_limiter("https://contoso.crm.dynamics.com", "client", clock=clock)

    def dotdigital(self, clock):
        return dotdigital_limiter("https://r1-api.dotdigital.com", "apiuser", clock=clock)

    def test_a_pause_holds_for_the_others(self, clock):
        one, two = self.dataverse(clock), self.dataverse(clock)
        two.before_call()
        one.after_response({"Retry-After": "45"}, status=429)
        clock.time += LOOK_AGAIN_S
        with pytest.raises(Retryable) as pause:
            two.before_call()
        assert pause.value.after_s == pytest.approx(45 - LOOK_AGAIN_S)
        clock.time += 45
        two.before_call()

    def test_a_shorter_pause_does_not_cut_a_longer_one(self, clock):
        one, two = self.dataverse(clock), self.dataverse(clock)
        one.after_response({"retry-after": "60"}, status=429)
        two.after_response({"retry-after": "5"}, status=429)
        with pytest.raises(Retryable) as pause:
            self.dataverse(clock).before_call()
        assert pause.value.after_s == pytest.approx(60)

    def test_dotdigitals_limit_is_learned_from_an_answer(self, clock):
        one, two = self.dotdigital(clock), self.dotdigital(clock)
        assert calls_until_refused(one, 500, scope="lowCallRate")[0] == 500, "nothing is known yet"
        one.after_response(
            {"X-RateLimit-Limit": "150", "X-RateLimit-Remaining": "149", "X-RateLimit-Reset": "60"},
            scope="lowCallRate",
        )
        clock.time += LOOK_AGAIN_S
        made, wait_s = calls_until_refused(two, 500, scope="lowCallRate")
        assert made == 135
        assert wait_s is not None

    def test_a_used_up_tier_holds_for_the_others(self, clock):
        one, two = self.dotdigital(clock), self.dotdigital(clock)
        one.after_response(
            {
                "x-ratelimit-limit": "150",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": str(clock.now() + 30),
            },
            status=429,
            scope="lowCallRate",
        )
        with pytest.raises(Retryable):
            two.before_call(scope="lowCallRate")
        two.before_call(scope="highCallRate")

    def test_too_many_imports_pause_nobody(self, clock):
        one, two = self.dotdigital(clock), self.dotdigital(clock)
        headers = {"x-ratelimit-limit": "150", "x-ratelimit-remaining": "90", "x-ratelimit-reset": "30"}
        one.after_response(headers, status=429, scope="lowCallRate")
        two.before_call(scope="lowCallRate")
        assert clock.slept == []

    def test_the_window_ends_when_the_vendor_says(self, clock):
        one = self.dotdigital(clock)
        headers = {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "80", "x-ratelimit-reset": "20"}
        one.after_response(headers, scope="lowCallRate")
        one.before_call(scope="lowCallRate")
        one.after_response(headers, scope="lowCallRate")
        assert CallWindow.objects.get().ends_at == pytest.approx(clock.now() + 20)


@pytest.mark.django_db(transaction=True)
def test_threads_of_many_workers_never_overdraw():
    """With threads, each on a connection of its own, that all reserve at once."""
    clock = Clock()
    made = []

    def work():
        limiter = worker(clock)
        try:
            made.append(calls_until_refused(limiter)[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert QUOTA.calls - 4 * 2 <= sum(made) <= QUOTA.calls


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_somebody_else_locks_no_window(clock):
    """Or every other worker would wait until it ends. On SQLite it has locked the whole database anyway."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one lock for everything")
    one, two = worker(clock), worker(clock)
    one.before_call()
    two.before_call()
    with transaction.atomic():
        made, _ = calls_until_refused(one, 50)
        assert made == 50, "it goes on without reserving"
        used = CallWindow.objects.get().used
    assert used == 2 * round(QUOTA.calls * limits.SHARE_OF_A_RESERVATION)
    one.before_call()


@pytest.mark.django_db(transaction=True)
def test_a_thread_is_left_without_a_connection():
    left = []

    def work():
        worker(Clock()).before_call()
        left.append(connection.connection)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert left == [None]


@pytest.mark.django_db(transaction=True)
def test_calls_go_on_while_the_database_is_out_of_reach(clock, monkeypatch, caplog):
    tries = []

    def locked(*args, **kwargs):
        tries.append(1)
        raise OperationalError("database is locked")

    monkeypatch.setattr(limits.SharedLimiter, "_row", locked)
    one = worker(clock)
    with suppress(Retryable):
        assert calls_until_refused(one, 500)[0] == 500
    assert len(tries) == 1, "it is not asked again at every call"
    assert "database is locked" in caplog.text
