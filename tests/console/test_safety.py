"""What holds for every page: nothing inline, strict headers, titles, and nothing invented."""

from html.parser import HTMLParser

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from console.mapping_world import make_mapping_world, mapping_of
from console.world import Past
from syncline.accounts.models import EmailAccount
from syncline.schedule.models import SyncWindow

PAGES = (
    "sign-in",
    "accounts",
    "account-general",
    "schedule",
    "window",
    "audit",
    "run",
    "part",
    "labels",
    "label-new",
    "label",
    "mappings",
    "mapping-new",
    "mapping",
    "mappings-preview",
    "lists",
    "list",
    "held",
    "why",
    "not-found",
)


class Inline(HTMLParser):
    """Collects what the content security policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.found.append(tag)
        self.found += [name for name in given if name == "style" or name.startswith("on")]
        self.found += [name for name, value in attrs if (value or "").startswith(("javascript:", "js:"))]
        if given.get("id"):
            self.ids.append(given["id"] or "")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_anything_inline_or_an_id_twice(name: str, manager: Client, past: Past) -> None:
    client = Client() if name == "sign-in" else manager
    answer = client.get(_address(name, past))
    page = Inline()
    page.feed(answer.content.decode())
    assert page.found == []
    assert len(page.ids) == len(set(page.ids))
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_page_has_a_title_of_its_own(manager: Client, past: Past) -> None:
    titles = [
        manager.get(_address(name, past)).content.decode().split("<title>")[1].split("</title>")[0]
        for name in PAGES
        if name != "sign-in"
    ]
    assert len(set(titles)) == len(titles)
    assert all(title.endswith("– Syncline") for title in titles)


def test_a_secret_never_reaches_a_page(manager: Client, contoso: EmailAccount) -> None:
    for name in ("account-general", "schedule", "audit"):
        text = manager.get(reverse(name, args=[contoso.pk])).content.decode()
        assert "not a real" not in text
        assert contoso.client_secret_encrypted not in text
        assert contoso.dotdigital_password_encrypted not in text


@pytest.mark.parametrize("name", ["labels", "audit", "accounts", "lists", "held", "why"])
def test_a_nul_character_is_refused_and_upsets_nothing(name: str, manager: Client, past: Past) -> None:
    address = _address(name, past)
    for field in ("find", "sync_type", "name"):
        answer = manager.get(address, {field: "a\0b"})
        assert answer.status_code == 400
        assert "could not be read" in answer.content.decode()


def _address(name: str, past: Past) -> str:
    account = past.run.account
    match name:
        case "sign-in" | "accounts":
            return reverse(name)
        case "window":
            window, _ = SyncWindow.objects.get_or_create(account=account, name="Nights", hours="10" * 84)
            return reverse(name, args=[account.pk, window.pk])
        case "label":
            return reverse(name, args=[account.pk, _mapped(account).labels.get(name="VIP").pk])
        case "mapping":
            return reverse(name, args=[account.pk, mapping_of(_mapped(account), "POSTCODE").pk])
        case "mappings" | "mapping-new" | "mappings-preview":
            return reverse(name, args=[_mapped(account).pk, "contact"], query={"field": "jobtitle"})
        case "list":
            return reverse(name, args=[account.pk, past.newsletter.reference])
        case "run":
            return reverse(name, args=[account.pk, past.run.key])
        case "part":
            return reverse(name, args=[account.pk, past.run.key, past.newsletter.pk])
        case "not-found":
            return "/settings/email-accounts/999999/"
        case _:
            return reverse(name, args=[account.pk])


def _mapped(account: EmailAccount) -> EmailAccount:
    """The account with columns, labels and mappings."""
    if not account.labels.exists():
        make_mapping_world(account)
    return account


def test_the_page_for_when_nothing_works_needs_nothing() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert 'data-theme="system"' in answer.content.decode()
