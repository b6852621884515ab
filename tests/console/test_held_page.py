"""Held Records: by reason, with both sides' words, and Replay of one, some, or all of a reason."""

import re

from django.test import Client
from django.urls import reverse

from console.world import Past, SignedIn, make_account, make_held
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.console.held_page import HELD_A_PAGE
from syncline.ledger.models import Run
from syncline.people.models import Touched


def test_nothing_held_is_said_so(manager: Client, contoso: EmailAccount) -> None:
    text = _page(manager, contoso)
    assert "Nothing is held" in text
    assert "Both sides have accepted everything" in text
    assert "<table" not in text


def test_reasons_are_counted_and_told_in_both_sides_words(
    manager: Client, contoso: EmailAccount, past: Past
) -> None:
    make_held(contoso, "alice@contoso.example", run=past.run)
    make_held(contoso, "bob@contoso.example")
    make_held(
        contoso, "carol@contoso.example", "list_closed", detail="The list is locked.", vendor_code="0x80"
    )
    make_held(make_account("Fabrikam"), "eve@fabrikam.example")
    text = _page(manager, contoso)
    assert "3 held" in text
    assert re.search(r"Dotdigital did not accept the record\. <strong>2</strong>", text)
    assert re.search(
        r"Dynamics lets nobody into this marketing list, or out of it\. <strong>1</strong>", text
    )
    for words in ("The postcode is too long.", "ERROR_INVALID_VALUE", "Mend what Dotdigital says", "0x80"):
        assert words in text
    assert reverse("run", args=[contoso.pk, past.run.key]) in text
    assert (
        "https://contoso.crm4.dynamics.com/main.aspx?pagetype=entityrecord&amp;etn=contact&amp;id=0b0a1c2e"
        in text
    )
    assert "eve@fabrikam.example" not in text


def test_a_reason_and_the_beginning_of_an_address_narrow_it_down(
    manager: Client, contoso: EmailAccount
) -> None:
    make_held(contoso, "alice@contoso.example")
    make_held(contoso, "alistair@contoso.example", "list_closed")
    make_held(contoso, "bob@contoso.example")
    assert _shown(_page(manager, contoso, address="ALI")) == [
        "alistair@contoso.example",
        "alice@contoso.example",
    ]
    assert _shown(_page(manager, contoso, address="bob@contoso.example")) == ["bob@contoso.example"]
    text = _page(manager, contoso, reason="list_closed")
    assert _shown(text) == ["alistair@contoso.example"]
    assert "Unlock or reactivate the list" in text
    assert "No held record matches" in _page(manager, contoso, address="nobody")


def test_pages_follow_one_another_without_gap_or_double(manager: Client, contoso: EmailAccount) -> None:
    addresses = [f"person{number:03}@contoso.example" for number in range(HELD_A_PAGE * 2 + 3)]
    for address in addresses:
        make_held(contoso, address)
    newest_first = addresses[::-1]
    first = _page(manager, contoso)
    second = manager.get(_link(first, "next", contoso)).content.decode()
    third = manager.get(_link(second, "next", contoso)).content.decode()
    assert _shown(first) + _shown(second) + _shown(third) == newest_first
    assert 'rel="next"' not in third
    assert _shown(manager.get(_link(third, "prev", contoso)).content.decode()) == _shown(second)


def test_one_is_replayed(manager: Client, contoso: EmailAccount) -> None:
    alice = make_held(contoso, "alice@contoso.example")
    make_held(contoso, "bob@contoso.example")
    text = _replay(manager, contoso, one=alice.pk)
    run = Run.objects.get()
    assert (run.sync_type, run.requested_by, run.status) == ("lists_out", "manager-person", "queued")
    assert _touched() == {"alice@contoso.example"}
    assert "1 record is decided again" in text
    assert reverse("run", args=[contoso.pk, run.key]) in text
    entry = AdminLogEntry.objects.get()
    assert (entry.action, entry.actor) == ("held records replayed", "manager-person")
    assert entry.after == {"records": 1, "addresses": ["alice@contoso.example"]}


def test_the_chosen_ones_are_replayed(manager: Client, contoso: EmailAccount) -> None:
    held = [make_held(contoso, f"{name}@contoso.example") for name in ("alice", "bob", "carol")]
    text = _replay(manager, contoso, which="chosen", held=[held[0].pk, held[2].pk])
    assert _touched() == {"alice@contoso.example", "carol@contoso.example"}
    assert "2 records are decided again" in text


def test_choosing_nobody_starts_nothing(manager: Client, contoso: EmailAccount) -> None:
    make_held(contoso, "alice@contoso.example")
    assert "Choose the records to replay first" in _replay(manager, contoso, which="chosen")
    assert not Run.objects.exists()
    assert not AdminLogEntry.objects.exists()


def test_all_of_a_reason_are_replayed_and_no_others(manager: Client, contoso: EmailAccount) -> None:
    for number in range(HELD_A_PAGE + 5):
        make_held(contoso, f"person{number}@contoso.example")
    make_held(contoso, "locked@contoso.example", "list_closed")
    text = _replay(manager, contoso, which="all", reason="refused_by_dotdigital")
    assert f"{HELD_A_PAGE + 5} records are decided again" in text
    assert len(_touched()) == HELD_A_PAGE + 5
    assert "locked@contoso.example" not in _touched()
    assert AdminLogEntry.objects.get().after == {
        "records": HELD_A_PAGE + 5,
        "reason": "refused_by_dotdigital",
    }


def test_somebody_elses_records_are_not_touched(manager: Client, contoso: EmailAccount) -> None:
    eve = make_held(make_account("Fabrikam"), "eve@fabrikam.example")
    assert "no longer held" in _replay(manager, contoso, one=eve.pk)
    assert not _touched()
    assert not Run.objects.exists()


def test_a_label_starts_the_label_sync_and_only_for_who_may(
    manager: Client, signed_in: SignedIn, contoso: EmailAccount
) -> None:
    label = make_held(contoso, "FAVOURITE_COLOUR", sync_type="labels", entity="", record_id="")
    assert "Nothing was replayed" in _replay(signed_in(Role.PROFESSIONAL), contoso, one=label.pk)
    assert not Run.objects.exists()
    _replay(manager, contoso, one=label.pk)
    assert Run.objects.get().sync_type == "labels"
    assert not _touched()


def test_a_disabled_account_replays_nothing(manager: Client, contoso: EmailAccount) -> None:
    alice = make_held(contoso, "alice@contoso.example")
    contoso.disabled = True
    contoso.save()
    assert "disabled, so nothing was replayed" in _replay(manager, contoso, one=alice.pk)
    assert not Run.objects.exists()


def test_a_viewer_sees_and_cannot_replay(signed_in: SignedIn, contoso: EmailAccount) -> None:
    make_held(contoso, "alice@contoso.example")
    text = _page(signed_in(Role.VIEWER), contoso)
    assert "alice@contoso.example" in text
    assert "Replay" not in text


def test_a_search_survives_the_replay(manager: Client, contoso: EmailAccount) -> None:
    alice = make_held(contoso, "alice@contoso.example")
    address = reverse("held-replay", args=[contoso.pk])
    sent = {"one": alice.pk, "reason": "refused_by_dotdigital", "address": "ali"}
    answer = manager.post(address, sent)
    assert answer.headers["Location"] == (
        reverse("held", args=[contoso.pk]) + "?reason=refused_by_dotdigital&address=ali"
    )


def _page(client: Client, account: EmailAccount, **search: str) -> str:
    return client.get(reverse("held", args=[account.pk]), search).content.decode()


def _replay(client: Client, account: EmailAccount, **sent: object) -> str:
    return client.post(reverse("held-replay", args=[account.pk]), sent, follow=True).content.decode()


def _shown(text: str) -> list[str]:
    return re.findall(r'<span class="row-title">([^<]+)</span>', text)


def _link(text: str, rel: str, account: EmailAccount) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    assert found is not None
    return reverse("held", args=[account.pk]) + found[1].replace("&amp;", "&")


def _touched() -> set[str]:
    return set(Touched.objects.values_list("person_key", flat=True))
