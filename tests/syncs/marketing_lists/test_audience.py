"""After a sync each list says whom its members come down to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncline.ledger.models import Trigger
from syncline.lists.models import MarketingList
from syncline.syncs.marketing_lists.finish import LARGE
from tests.syncs.world import World


def audience(world: World) -> dict[str, int]:
    counts = MarketingList.objects.get(account=world.account).audience
    return {name: number for name, number in counts.items() if name != "counted_at"}


def test_every_member_is_a_target_or_is_left_out_for_a_reason(world: World) -> None:
    def add(name: str, email: str | None = "", **more: object) -> str:
        return world.add("contacts", firstname=name, emailaddress1=email or f"{name}@example.com", **more)

    ids = [add(name) for name in ("ann", "bob", "cat", "dan")]
    ids += [add("ann the second", "ann@example.com"), world.add("contacts", firstname="Nobody")]
    ids += [add("eve", donotemail=True), add("fay", donotbulkemail=True)]
    away = add("gil")
    world.change("contacts", away, statecode=1, statuscode=2)
    news = world.add_list("News", [*ids, away])
    world.sync()
    news.refresh_from_db()
    assert audience(world) == {
        "members": 9,
        "targets": 4,
        "no_address": 1,
        "unsubscribed": 0,
        "do_not_email": 2,
        "inactive": 1,
        "shared": 1,
    }
    world.dd.unsubscribe("bob@example.com")
    world.unsubscribe_from(news, "cat@example.com")
    # One that is in no list speaks for its address too.
    add("dan the second", "dan@example.com", donotbulkemail=True)
    world.sync("lists_in")
    assert {name: audience(world)[name] for name in ("targets", "unsubscribed", "do_not_email")} == {
        "targets": 1,
        "unsubscribed": 2,
        "do_not_email": 3,
    }


def test_nothing_is_counted_where_nothing_happened(world: World) -> None:
    ann = world.add("contacts", firstname="Ann", emailaddress1="ann@example.com")
    news = world.add_list("News", [ann])
    world.sync()
    MarketingList.objects.filter(pk=news.pk).update(audience={"members": 1, "targets": 77})
    world.sync()
    assert audience(world)["targets"] == 77
    world.change("contacts", ann, firstname="Anna")
    world.sync()
    assert audience(world)["targets"] == 1


def test_a_large_list_is_counted_once_a_day_by_the_schedule_and_at_once_by_hand(world: World) -> None:
    ann = world.add("contacts", firstname="Ann", emailaddress1="ann@example.com")
    news = world.add_list("News", [ann])
    world.sync()
    for trigger, hours, found in (
        (Trigger.SCHEDULED, 23, 77),
        (Trigger.SCHEDULED, 25, 1),
        (Trigger.MANUAL, 23, 1),
    ):
        counted_at = datetime.now(UTC) - timedelta(hours=hours)
        told = {"members": LARGE, "targets": 77, "counted_at": counted_at.isoformat()}
        MarketingList.objects.filter(pk=news.pk).update(audience=told)
        world.change("contacts", ann, firstname=f"Ann, {trigger} after {hours} hours")
        world.sync(trigger=trigger)
        assert audience(world)["targets"] == found
