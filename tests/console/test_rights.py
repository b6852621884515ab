"""Deny by default: who may open and who may send each address, written down here once more, by hand."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse

from console.campaign_world import make_campaign, make_draft
from console.form_world import make_form
from console.insight_world import make_insight_table
from console.mapping_world import make_labels, make_mapping_world, mapping_of
from console.world import Past, SignedIn, make_plan, make_user
from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import LinkedRecord, link_text
from syncline.accounts.roles import Role
from syncline.consent.models import Suppression
from syncline.console.checks import every_pattern
from syncline.schedule.models import SyncWindow

ALL = frozenset({"manager", "professional", "viewer", "connector", "nobody"})
SIGNED_IN = ALL - {"nobody"}
SEE = frozenset({"manager", "professional", "viewer"})
LISTS = frozenset({"manager", "professional"})
MANAGER = frozenset({"manager"})
NOT_ANSWERED = None

EXPECTED: dict[str, tuple[frozenset[str] | None, frozenset[str] | None]] = {
    # Address: who may GET, who may POST.
    "home": (SEE, NOT_ANSWERED),
    "health": (ALL, NOT_ANSWERED),
    "sign-in": (ALL, ALL),
    "sign-out": (NOT_ANSWERED, SIGNED_IN),
    "theme": (NOT_ANSWERED, ALL),
    # The link in the address is the key to it: see test_record_page.py.
    "record": (ALL, NOT_ANSWERED),
    "record-open": (SEE, NOT_ANSWERED),
    "admin-log": (MANAGER, NOT_ANSWERED),
    "accounts": (SEE, NOT_ANSWERED),
    "account-general": (SEE, MANAGER),
    "schedule": (SEE, MANAGER),
    "schedule-live": (SEE, NOT_ANSWERED),
    "timetable": (SEE, NOT_ANSWERED),
    "sync-now": (NOT_ANSWERED, LISTS),
    "cancel": (NOT_ANSWERED, LISTS),
    "window-new": (MANAGER, MANAGER),
    "window": (MANAGER, MANAGER),
    "window-delete": (NOT_ANSWERED, MANAGER),
    "labels": (SEE, NOT_ANSWERED),
    "label-new": (MANAGER, MANAGER),
    "label-check": (MANAGER, NOT_ANSWERED),
    "label": (MANAGER, MANAGER),
    "label-delete": (NOT_ANSWERED, MANAGER),
    "mappings": (SEE, NOT_ANSWERED),
    "mapping-new": (MANAGER, MANAGER),
    "columns-read": (NOT_ANSWERED, MANAGER),
    "mappings-preview": (SEE, NOT_ANSWERED),
    "mapping-preview": (MANAGER, NOT_ANSWERED),
    "mapping": (MANAGER, MANAGER),
    "mapping-delete": (NOT_ANSWERED, MANAGER),
    "audit": (SEE, NOT_ANSWERED),
    "drift-audit": (NOT_ANSWERED, MANAGER),
    "run": (SEE, NOT_ANSWERED),
    "run-live": (SEE, NOT_ANSWERED),
    "run-undo": (NOT_ANSWERED, MANAGER),
    "part": (SEE, NOT_ANSWERED),
    "safety": (SEE, MANAGER),
    "suppressions": (SEE, NOT_ANSWERED),
    "suppressions-export": (SEE, NOT_ANSWERED),
    "suppression-new": (MANAGER, MANAGER),
    "suppression": (SEE, MANAGER),
    "resubscribe": (MANAGER, MANAGER),
    "unsubscribers": (SEE, NOT_ANSWERED),
    "campaigns": (SEE, MANAGER),
    "campaign": (SEE, MANAGER),
    "campaign-people": (SEE, NOT_ANSWERED),
    "campaigns-level": (NOT_ANSWERED, MANAGER),
    "forms": (SEE, NOT_ANSWERED),
    "web-behaviour": (SEE, NOT_ANSWERED),
    "form": (SEE, MANAGER),
    "insight": (SEE, NOT_ANSWERED),
    "insight-new": (MANAGER, MANAGER),
    "insight-table": (SEE, NOT_ANSWERED),
    "insight-columns": (MANAGER, MANAGER),
    "insight-drop": (NOT_ANSWERED, MANAGER),
    "administration": (SEE, MANAGER),
    "plans": (SEE, NOT_ANSWERED),
    "plan": (SEE, NOT_ANSWERED),
    "plan-live": (SEE, NOT_ANSWERED),
    "plan-export": (SEE, NOT_ANSWERED),
    "plan-approve": (MANAGER, MANAGER),
    "plan-discard": (MANAGER, MANAGER),
    "plan-anew": (NOT_ANSWERED, LISTS),
    "plan-make": (NOT_ANSWERED, LISTS),
    "plan-cancel": (NOT_ANSWERED, LISTS),
    "lists": (SEE, NOT_ANSWERED),
    "lists-live": (SEE, NOT_ANSWERED),
    "lists-sync": (NOT_ANSWERED, LISTS),
    "lists-refresh": (NOT_ANSWERED, LISTS),
    "list": (SEE, MANAGER),
    "list-unlink": (NOT_ANSWERED, MANAGER),
    "why": (SEE, NOT_ANSWERED),
    "consent": (SEE, NOT_ANSWERED),
    "consent-export": (SEE, NOT_ANSWERED),
    "held": (SEE, NOT_ANSWERED),
    "held-replay": (NOT_ANSWERED, LISTS),
}


def test_every_address_is_in_the_table_above() -> None:
    assert {pattern.name for pattern in every_pattern()} == set(EXPECTED)


@pytest.mark.parametrize("who", sorted(ALL))
@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_do_what(name: str, who: str, method: str, past: Past) -> None:
    client = _client_of(who)
    expected = EXPECTED[name][0 if method == "get" else 1]
    answer = getattr(client, method)(_address(name, past))
    if expected is NOT_ANSWERED:
        assert answer.status_code == 405
    elif who in expected:
        # No worker is alive, and whoever may ask is told so.
        assert answer.status_code in ({503} if name == "health" else {200, 302, 409, 422})
        assert name == "sign-out" or not answer.headers.get("Location", "").startswith(reverse("sign-in"))
    elif who == "nobody":
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(reverse("sign-in"))
    else:
        assert answer.status_code == 403
        assert b"Your role may not do this" in answer.content


@pytest.mark.parametrize("name", ["sync-now", "cancel", "plan-make"])
def test_a_professional_starts_and_cancels_lists_and_nothing_else(
    name: str, contoso: EmailAccount, signed_in: SignedIn
) -> None:
    professional = signed_in(Role.PROFESSIONAL)
    assert professional.post(reverse(name, args=[contoso.pk, "lists_out"])).status_code == 302
    assert professional.post(reverse(name, args=[contoso.pk, "labels"])).status_code == 403
    assert professional.post(reverse(name, args=[contoso.pk, "crm_metadata"])).status_code == 403


def test_a_superuser_has_no_short_cut(contoso: EmailAccount) -> None:
    client = Client()
    client.force_login(make_user("root", Role.VIEWER, is_superuser=True, is_staff=True))
    assert client.post(reverse("account-general", args=[contoso.pk])).status_code == 403


def test_somebody_who_was_switched_off_is_out_at_once(contoso: EmailAccount) -> None:
    user = make_user("carol", Role.MANAGER)
    client = Client()
    client.force_login(user)
    assert client.get(reverse("accounts")).status_code == 200
    user.is_active = False
    user.save()
    assert client.get(reverse("accounts")).status_code == 302


def test_nobody_comes_back_to_the_page_after_signing_in(contoso: EmailAccount) -> None:
    page = reverse("audit", args=[contoso.pk]) + "?sync_type=labels"
    answer = Client().get(page)
    assert answer.headers["Location"] == "/sign-in?" + urlencode({"next": page})


def test_a_fragment_tells_the_open_page_to_leave(contoso: EmailAccount) -> None:
    answer = Client().get(reverse("schedule-live", args=[contoso.pk]), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_a_form_from_elsewhere_is_refused(alice: Any, contoso: EmailAccount) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(reverse("sync-now", args=[contoso.pk, "lists_out"]))
    assert answer.status_code == 403
    assert b"open for too long" in answer.content
    assert not contoso.runs.exists()


@pytest.mark.urls("console.forgetful_urls")
def test_a_view_that_names_no_right_is_shut_even_to_managers(manager: Client) -> None:
    answer = manager.get("/forgotten")
    assert answer.status_code == 403
    assert b"nobody thought about" not in answer.content
    assert [error.id for error in run_checks()] == ["console.E001"]


def _client_of(who: str) -> Client:
    client = Client()
    if who != "nobody":
        client.force_login(make_user(f"{who}-person", Role(who)))
    return client


def _address(name: str, past: Past) -> str:
    account = past.run.account
    if name in {"home", "health", "admin-log", "sign-in", "sign-out", "theme", "accounts"}:
        return reverse(name)
    if name in {"timetable", "sync-now", "cancel", "plan-make"}:
        return reverse(name, args=[account.pk, "lists_out"])
    if name in {"window", "window-delete"}:
        window = SyncWindow.objects.create(account=account, name="Nights", hours="1" * 84 + "0" * 84)
        return reverse(name, args=[account.pk, window.pk])
    if name in {"mappings", "mapping-new", "mappings-preview", "mapping-preview", "columns-read"}:
        make_mapping_world(account)
        return reverse(name, args=[account.pk, "contact"]) + "?field=jobtitle"
    if name == "record":
        # Dynamics is not asked by credentials that cannot be read; the page says so.
        EmailAccount.objects.update(client_secret_encrypted="not a token")
        return reverse(name, args=[link_text(LinkedRecord(account.pk, "contact", str(uuid4())))])
    if name == "record-open":
        return reverse(name, args=[account.pk, "lead", uuid4()])
    if name == "campaign":
        return reverse(name, args=[account.pk, make_campaign(account, "Spring").campaign_id])
    if name == "campaign-people":
        draft = make_draft(account, "Spring")
        return reverse(name, args=[account.pk, draft.campaign_id, "opened"])
    if name == "form":
        return reverse(name, args=[account.pk, make_form(account, "Walk").form_id])
    if name in {"insight-table", "insight-columns", "insight-drop"}:
        return reverse(name, args=[account.pk, make_insight_table(account, "Deals").pk])
    if name in {"label", "label-delete"}:
        return reverse(name, args=[account.pk, make_labels(account)["VIP"].pk])
    if name in {"mapping", "mapping-delete"}:
        make_mapping_world(account)
        return reverse(name, args=[account.pk, mapping_of(account, "FIRSTNAME").pk])
    if name in {"run", "run-live", "run-undo"}:
        return reverse(name, args=[account.pk, past.run.key])
    if name in {"list", "list-unlink"}:
        return reverse(name, args=[account.pk, past.newsletter.reference])
    if name == "part":
        return reverse(name, args=[account.pk, past.run.key, past.newsletter.pk])
    if name in {"plan", "plan-live", "plan-export", "plan-approve", "plan-discard"}:
        return reverse(name, args=[account.pk, make_plan(account).key])
    if name in {"plan-anew", "plan-cancel"}:
        return reverse(name, args=[account.pk, "lists_out", make_plan(account).key])
    if name == "resubscribe":
        return reverse(name, args=[account.pk], query={"address": "alice@contoso.example"})
    if name == "suppression":
        address = "alice@contoso.example"
        Suppression.objects.create(
            account_id=account.pk, person_key=address, reason="unsubscribed", since=past.run.started_at
        )
        return reverse(name, args=[account.pk], query={"address": address})
    return reverse(name, args=[account.pk])
