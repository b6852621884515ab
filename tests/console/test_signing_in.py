"""The local password login, and the lock after too many wrong passwords."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from console.world import PASSWORD, make_user
from syncline.accounts.models import User
from syncline.accounts.roles import Role

SIGN_IN = "/sign-in"


def test_alice_signs_in_and_out(alice: User) -> None:
    client = Client()
    answer = client.post(SIGN_IN, {"username": "alice", "password": PASSWORD})
    assert answer.headers["Location"] == reverse("accounts")
    assert b"Email Marketing Manager" in client.get(reverse("accounts")).content
    client.post(reverse("sign-out"))
    assert client.get(reverse("accounts")).status_code == 302


def test_whoever_is_signed_in_need_not_do_it_again(manager: Client) -> None:
    assert manager.get(SIGN_IN).headers["Location"] == reverse("accounts")


def test_a_wrong_password_says_so_without_saying_which_part_is_wrong(alice: User) -> None:
    known = Client().post(SIGN_IN, {"username": "alice", "password": "wrong"})
    unknown = Client().post(SIGN_IN, {"username": "mallory", "password": "wrong"})
    words = "The user name or the password is not right."
    assert words in known.content.decode()
    assert words in unknown.content.decode()


def test_the_lock_after_too_many_wrong_passwords_is_told_in_words(alice: User) -> None:
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(SIGN_IN, {"username": "alice", "password": "wrong"})
    assert answer.status_code == 429
    text = answer.content.decode()
    assert "Sign-in is locked for this user name" in text
    assert "Try again in 15 minutes" in text
    # The right password does not open it either, and gives nothing away.
    assert client.post(SIGN_IN, {"username": "alice", "password": PASSWORD}).status_code == 429
    assert client.get(reverse("accounts")).status_code == 302


def test_the_lock_is_for_one_user_name(alice: User) -> None:
    make_user("bob", Role.VIEWER)
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(SIGN_IN, {"username": "alice", "password": "wrong"})
    answer = client.post(SIGN_IN, {"username": "bob", "password": PASSWORD})
    assert answer.status_code == 302


def test_the_connector_service_cannot_sign_in() -> None:
    make_user("connector", Role.CONNECTOR)
    client = Client()
    answer = client.post(SIGN_IN, {"username": "connector", "password": PASSWORD})
    assert "service identity" in answer.content.decode()
    assert client.get(reverse("accounts")).status_code == 302


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(alice: User, elsewhere: str) -> None:
    answer = Client().post(SIGN_IN, {"username": "alice", "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == reverse("accounts")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/"])
def test_the_theme_is_remembered_and_never_leads_to_another_site(elsewhere: str) -> None:
    client = Client()
    answer = client.post(reverse("theme"), {"theme": "dark", "back": elsewhere})
    assert answer.headers["Location"] == "/"
    assert client.cookies["theme"].value == "dark"
    assert 'data-theme="dark"' in client.get(SIGN_IN).content.decode()
    assert 'data-theme="dark"' in client.get("/nothing-here").content.decode()


def test_only_the_two_themes_are_remembered() -> None:
    client = Client()
    client.post(reverse("theme"), {"theme": '"><script>', "back": SIGN_IN})
    assert "theme" not in client.cookies


def test_a_made_up_theme_cookie_does_not_reach_the_page_unescaped() -> None:
    client = Client()
    client.cookies["theme"] = "x'><b>"
    assert "<b>" not in client.get(SIGN_IN).content.decode()
