"""Marketing Lists: what is shown of each, syncing one or several, and the page of one with its settings."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.world import Past, SignedIn, basis_at, make_account, make_list, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.console.lists_page import LISTS_A_PAGE
from syncline.ledger.models import Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction

AUDIENCE = {"members": 1200, "targets": 1100, "unsubscribed": 60, "no_address": 40}


def test_without_lists_the_page_offers_to_read_them(manager: Client, contoso: EmailAccount) -> None:
    text = _page(manager, contoso)
    assert "No marketing list is known yet" in text
    assert "Read the lists of Dynamics" in text


def test_a_list_is_told_with_its_audience_and_last_sync(
    manager: Client, contoso: EmailAccount, now: Any
) -> None:
    make_list(contoso, "News", audience=AUDIENCE, last_synced_at=now, last_result="1,200 read: 3 created")
    make_list(contoso, "Leads", entity="lead", dynamic=True, manual_only=True, sync_order=5)
    text = _page(manager, contoso)
    for words in ("<strong>1,100</strong> of 1,200 would be mailed", "60 unsubscribed", "40 without address"):
        assert words in text
    assert "1,200 read: 3 created" in text
    assert "Contacts · static" in text
    assert "Leads · dynamic" in text
    assert "Manual Sync Only" in text
    assert "Not counted yet" in text
    assert _shown(text) == ["Leads", "News"]  # In synchronisation order.


def test_activated_ones_come_first_and_all_can_be_shown(manager: Client, contoso: EmailAccount) -> None:
    make_list(contoso, "News")
    make_list(contoso, "Drafts", activated=False)
    make_list(contoso, "Gone", active=False, activated=False)
    make_list(make_account("Fabrikam"), "Theirs")
    assert _shown(_page(manager, contoso)) == ["News"]
    assert _shown(_page(manager, contoso, show="all")) == ["News", "Drafts", "Gone"]
    assert "1 of 3 activated" in _page(manager, contoso)
    assert _shown(_page(manager, contoso, show="all", name="raf")) == ["Drafts"]


def test_where_none_is_activated_all_are_shown(manager: Client, contoso: EmailAccount) -> None:
    make_list(contoso, "Drafts", activated=False)
    assert _shown(_page(manager, contoso)) == ["Drafts"]


def test_what_is_wrong_with_a_list_stands_beside_it(manager: Client, contoso: EmailAccount) -> None:
    make_list(
        contoso, "Test", problem="“Test” is a name that Dotdigital reserves. Rename the marketing list."
    )
    assert "Rename the marketing list." in _page(manager, contoso)


def test_many_lists_come_in_pages(manager: Client, contoso: EmailAccount) -> None:
    for number in range(LISTS_A_PAGE + 3):
        make_list(contoso, f"List {number:03}")
    assert len(_shown(_page(manager, contoso))) == LISTS_A_PAGE
    assert _shown(_page(manager, contoso, page="2")) == [f"List {LISTS_A_PAGE + n:03}" for n in range(3)]


def test_chosen_lists_are_synced_and_no_others(manager: Client, contoso: EmailAccount) -> None:
    lists = [make_list(contoso, name) for name in ("News", "Offers", "Events")]
    drafts = make_list(contoso, "Drafts", activated=False)
    text = _sync(manager, contoso, which="chosen", list=[lists[0].pk, lists[2].pk, drafts.pk])
    run = Run.objects.get()
    assert (run.sync_type, run.requested_by) == ("lists_out", "manager-person")
    assert run.scope == sorted([lists[0].pk, lists[2].pk])
    assert "2 lists will be synced" in text
    assert reverse("run", args=[contoso.pk, run.key]) in text
    assert "News, Events" in text


def test_all_lists_are_synced(manager: Client, contoso: EmailAccount) -> None:
    make_list(contoso, "News")
    assert "All activated lists will be synced" in _sync(manager, contoso, which="all")
    assert Run.objects.get().scope == []


def test_pressing_twice_makes_one_run(manager: Client, contoso: EmailAccount) -> None:
    news, offers = make_list(contoso, "News"), make_list(contoso, "Offers")
    _sync(manager, contoso, which="chosen", list=[news.pk])
    _sync(manager, contoso, which="chosen", list=[offers.pk])
    assert Run.objects.get().scope == sorted([news.pk, offers.pk])


@pytest.mark.parametrize("state", ["nothing chosen", "not activated", "account disabled"])
def test_what_cannot_be_synced_starts_nothing(state: str, manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News", activated=state != "not activated")
    contoso.disabled = state == "account disabled"
    contoso.save()
    text = _sync(
        manager, contoso, which="chosen", **({} if state == "nothing chosen" else {"list": [news.pk]})
    )
    assert not Run.objects.exists()
    assert "Choose the lists" in text or "once it is activated" in text or "disabled, so nothing" in text


def test_the_open_page_follows_a_run(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News")
    run = make_run(contoso, status=RunStatus.RUNNING, scope=[news.pk], progress_done=30, progress_total=100)
    live = manager.get(reverse("lists-live", args=[contoso.pk])).content.decode()
    assert "30 of 100" in live
    assert f"#list-result-{news.pk}" in live
    Run.objects.filter(pk=run.pk).update(status=RunStatus.COMPLETED)
    assert "30 of 100" not in manager.get(reverse("lists-live", args=[contoso.pk])).content.decode()


def test_a_viewer_sees_the_lists_and_starts_nothing(signed_in: SignedIn, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News")
    viewer = signed_in(Role.VIEWER)
    assert "Sync now" not in _page(viewer, contoso)
    text = _list(viewer, news)
    assert "Sync now" not in text
    assert "Only an Email Marketing Manager can change these." in text


# One list.


def test_the_page_of_a_list_tells_its_audience_its_book_and_its_runs(manager: Client, past: Past) -> None:
    news = MarketingList.objects.get(pk=past.newsletter.reference)
    news.audience, news.address_book_id = AUDIENCE, 4711
    news.save()
    text = _list(manager, news)
    assert "of 1,200 members would be mailed" in text
    assert "Unsubscribed or suppressed" in text
    assert "4711" in text
    assert f"etn=list&amp;id={news.list_id}" in text
    assert reverse("part", args=[past.run.account.pk, past.run.key, past.newsletter.pk]) in text


def test_settings_are_saved_with_an_entry_in_the_log(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News")
    text = _save(manager, news, sync_order="5", membership_action="remove", manual_only="on")
    assert "Saved." in text
    news.refresh_from_db()
    assert (news.activated, news.sync_order, news.membership_action) == (False, 5, MembershipAction.REMOVE)
    assert news.manual_only
    assert news.used_at is not None
    entry = AdminLogEntry.objects.get()
    assert (entry.action, entry.actor) == ("marketing list changed", "manager-person")
    assert entry.before["sync_order"] == 1000
    assert entry.after == {"activated": False, "sync_order": 5, "membership_action": "remove",
                           "manual_only": True, "list": "News"}  # fmt: skip


def test_saving_what_is_there_already_changes_nothing(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News")
    assert "Nothing had changed." in _save(
        manager, news, activated="on", sync_order="1000", membership_action="ignore"
    )
    assert not AdminLogEntry.objects.exists()


def test_a_number_that_is_none_is_told_and_nothing_is_lost(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News")
    answer = _post(manager, news, sync_order="soon", membership_action="remove")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Enter a whole number." in text
    assert 'value="soon"' in text
    assert '<option value="remove" selected>' in text
    news.refresh_from_db()
    assert news.activated


def test_dynamics_that_does_not_answer_is_told_and_nothing_is_lost(
    manager: Client, contoso: EmailAccount
) -> None:
    """Where Dynamics keeps the settings they are not stored here unless it took them."""
    contoso.provisioned, contoso.dataverse_url = True, "http://127.0.0.1:9"
    contoso.dataverse_authority = "http://127.0.0.1:9"
    contoso.save()
    news = make_list(contoso, "News")
    answer = _post(manager, news, sync_order="7", membership_action="ignore")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Nothing was saved." in text
    assert 'value="7"' in text
    news.refresh_from_db()
    assert (news.sync_order, news.activated) == (1000, True)
    assert not AdminLogEntry.objects.exists()


def test_a_dynamic_list_offers_no_membership_action(manager: Client, contoso: EmailAccount) -> None:
    text = _list(manager, make_list(contoso, "Query", dynamic=True))
    assert "membership_action" not in text
    assert "A dynamic list goes to Dotdigital only" in text


def test_nobody_becomes_a_company(manager: Client, contoso: EmailAccount) -> None:
    text = _list(manager, make_list(contoso, "Suppliers", entity="account"))
    assert "allow_known" in text
    assert "allow_new" not in text


def test_the_hole_is_told_where_the_list_lets_people_in(manager: Client, contoso: EmailAccount) -> None:
    hole = "This list lets people in, inactive ones too."
    news = make_list(contoso, "News", membership_action=MembershipAction.ALLOW_KNOWN)
    assert hole in _list(manager, news)
    assert f'{reverse("administration", args=[contoso.pk])}">Account Administration</a> closes' in _list(
        manager, news
    )
    assert hole not in _list(manager, make_list(contoso, "Offers"))
    contoso.readmit_inactive = False
    contoso.save()
    assert hole not in _list(manager, news)


@pytest.mark.parametrize("name", ["Test", "ALL contacts "])
def test_a_reserved_name_is_told_before_anybody_waits(
    name: str, manager: Client, contoso: EmailAccount
) -> None:
    assert "a name that Dotdigital keeps for itself" in _list(manager, make_list(contoso, name))


def test_a_name_whose_book_is_linked_already_is_told(manager: Client, contoso: EmailAccount) -> None:
    make_list(contoso, "News", address_book_id=4711)
    assert "linked to another marketing list" in _list(manager, make_list(contoso, "news"))


def test_a_list_is_unlinked_with_an_entry_in_the_log(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News", address_book_id=4711)
    assert "Nothing is deleted, and nobody is taken out of that list." in _list(manager, news)
    text = _unlink(manager, news)
    assert "was unlinked" in text
    assert "Not linked yet" in text
    news.refresh_from_db()
    assert news.address_book_id is None
    entry = AdminLogEntry.objects.get()
    assert (entry.before, entry.after["list"]) == ({"dotdigital_list": 4711}, "News")


def test_a_list_stays_linked_while_a_sync_is_under_way(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News", address_book_id=4711)
    make_run(contoso, status=RunStatus.RUNNING)
    assert "Unlink the list when it has ended." in _unlink(manager, news)
    news.refresh_from_db()
    assert news.address_book_id == 4711


def test_another_accounts_list_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    theirs = make_list(make_account("Fabrikam"), "Theirs")
    assert manager.get(reverse("list", args=[contoso.pk, theirs.pk])).status_code == 404
    assert manager.post(reverse("list-unlink", args=[contoso.pk, theirs.pk])).status_code == 404


def _page(client: Client, account: EmailAccount, **search: str) -> str:
    return client.get(reverse("lists", args=[account.pk]), search).content.decode()


def _address(marketing_list: MarketingList) -> str:
    return reverse("list", args=[marketing_list.account_id, marketing_list.pk])


def _list(client: Client, marketing_list: MarketingList) -> str:
    return client.get(_address(marketing_list)).content.decode()


def _save(client: Client, marketing_list: MarketingList, **sent: str) -> str:
    return _post(client, marketing_list, **sent).content.decode()


def _post(client: Client, marketing_list: MarketingList, **sent: str) -> Any:
    basis = basis_at(client, _address(marketing_list))
    return client.post(_address(marketing_list), sent | basis, follow=True)


def _unlink(client: Client, marketing_list: MarketingList) -> str:
    address = reverse("list-unlink", args=[marketing_list.account_id, marketing_list.pk])
    return client.post(address, follow=True).content.decode()


def _sync(client: Client, account: EmailAccount, **sent: object) -> str:
    return client.post(reverse("lists-sync", args=[account.pk]), sent, follow=True).content.decode()


def _shown(text: str) -> list[str]:
    return re.findall(r'<a class="row-title" href="[^"]+/lists/\d+/">([^<]+)</a>', text)
