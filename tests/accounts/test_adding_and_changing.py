"""Adding, changing and removing accounts, and what the admin log keeps of it."""

import json

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError, connection, transaction

from accounts.specimens import CONTOSO, details
from syncline.accounts.adding import add_account
from syncline.accounts.admin_log import OPERATOR, Actor
from syncline.accounts.changing import (
    change_general,
    make_default,
    remove_account,
    replace_credentials,
    rotate_keys,
    set_disabled,
)
from syncline.accounts.clients import dotdigital_account_of, environment_of
from syncline.accounts.details import AccountRefusedError
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.secrets import UnreadableSecretError
from syncline.remote import Misconfigured

pytestmark = pytest.mark.django_db

MANAGER = Actor("mia", "192.0.2.7")
SECRETS = ("s3cret-of-contoso", "p4ss-of-contoso", "a new secret", "a new password")


def add(name="Contoso", **changes):
    return add_account(details(name=name, **changes), by=OPERATOR, allow_loopback=False)


def defaults():
    return list(EmailAccount.objects.filter(is_default=True).values_list("name", flat=True))


def last_entry():
    return AdminLogEntry.objects.latest("pk")


def everything_stored():
    """All of the two tables as they are in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_emailaccount")
        accounts = cursor.fetchall()
        cursor.execute("SELECT * FROM accounts_adminlogentry")
        return json.dumps([accounts, cursor.fetchall()], default=str)


def test_secrets_are_stored_encrypted_and_logged_nowhere():
    account = add()
    replace_credentials(
        account, by=OPERATOR, client_secret="a new secret", dotdigital_password="a new password"
    )
    stored = everything_stored()
    assert not [secret for secret in SECRETS if secret in stored]
    account = EmailAccount.objects.get()
    assert (account.client_secret, account.dotdigital_password) == ("a new secret", "a new password")
    assert last_entry().after == {"replaced": ["client_secret", "dotdigital_password"]}


def test_the_first_account_is_the_default():
    add("Contoso")
    add("Fabrikam")
    assert defaults() == ["Contoso"]


def test_a_name_is_taken_whatever_its_case():
    add("Contoso")
    with pytest.raises(AccountRefusedError, match="called contoso already"):
        add("contoso ")
    assert EmailAccount.objects.count() == 1


def test_bad_details_store_nothing_and_name_every_problem():
    with pytest.raises(AccountRefusedError) as refusal:
        add("", dataverse_url="https://example.com", dotdigital_url="r9")
    assert {problem.field for problem in refusal.value.problems} == {
        "name",
        "dataverse_url",
        "dotdigital_url",
    }
    assert not EmailAccount.objects.exists()
    assert not AdminLogEntry.objects.exists()


def test_adding_is_logged():
    account = add()
    entry = last_entry()
    assert (entry.actor, entry.origin, entry.action) == ("operator", "command line", "account added")
    assert entry.account == account
    assert entry.after["dataverse_url"] == CONTOSO.dataverse_url


def test_the_default_mark_moves_and_never_goes_away():
    add("Contoso")
    fabrikam = add("Fabrikam")
    make_default(fabrikam, by=MANAGER)
    assert defaults() == ["Fabrikam"]
    assert [(entry.account.name, entry.after) for entry in AdminLogEntry.objects.order_by("pk")[2:]] == [
        ("Contoso", {"is_default": False}),
        ("Fabrikam", {"is_default": True}),
    ]
    make_default(fabrikam, by=MANAGER)
    assert AdminLogEntry.objects.count() == 4, "what is so already is not logged again"


def test_the_database_refuses_a_second_default():
    add("Contoso")
    fabrikam = add("Fabrikam")
    with pytest.raises(IntegrityError), transaction.atomic():
        EmailAccount.objects.filter(pk=fabrikam.pk).update(is_default=True)


def test_renaming_and_describing():
    account = add()
    change_general(
        account, by=MANAGER, name=" Contoso Ltd ", description="The big one", time_zone="Europe/London"
    )
    account.refresh_from_db()
    assert (account.name, account.description, account.time_zone) == (
        "Contoso Ltd",
        "The big one",
        "Europe/London",
    )
    entry = last_entry()
    assert entry.before == {"name": "Contoso", "description": "", "time_zone": "UTC"}
    assert entry.after == {
        "name": "Contoso Ltd",
        "description": "The big one",
        "time_zone": "Europe/London",
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "Give the account a name"),
        ({"name": "FABRIKAM"}, "Another account is called FABRIKAM"),
        ({"time_zone": "Nowhere"}, "not a time zone"),
    ],
)
def test_a_change_that_cannot_be_is_refused(change, words):
    account = add()
    add("Fabrikam")
    with pytest.raises(AccountRefusedError, match=words):
        change_general(account, by=MANAGER, **change)
    account.refresh_from_db()
    assert (account.name, account.time_zone) == ("Contoso", "UTC")


def test_disabling_and_enabling():
    account = add()
    set_disabled(account, True, by=MANAGER)
    assert EmailAccount.objects.get().disabled
    assert last_entry().action == "account disabled"
    set_disabled(account, False, by=MANAGER)
    assert not EmailAccount.objects.get().disabled
    assert last_entry().action == "account enabled"


def test_removing_the_default_hands_the_mark_on_and_keeps_the_log():
    contoso = add("Contoso")
    add("Fabrikam")
    add("Adatum")
    remove_account(contoso, by=OPERATOR)
    assert defaults() == ["Adatum"]
    removed = AdminLogEntry.objects.get(action="account removed")
    assert removed.account is None
    assert removed.before["name"] == "Contoso"


def test_keys_are_rotated_for_all_accounts(settings):
    add("Contoso")
    add("Fabrikam")
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    assert rotate_keys(by=OPERATOR) == 2
    settings.ENCRYPTION_KEYS = [new]
    for account in EmailAccount.objects.all():
        assert (account.client_secret, account.dotdigital_password) == (
            "s3cret-of-contoso",
            "p4ss-of-contoso",
        )
    settings.ENCRYPTION_KEYS = [old]
    with pytest.raises(UnreadableSecretError):
        _ = EmailAccount.objects.first().client_secret


def test_a_lost_key_is_told_with_its_remedy(settings):
    account = add()
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    for reach in (environment_of, dotdigital_account_of):
        with pytest.raises(Misconfigured, match="of Contoso cannot be read") as error:
            reach(account)
        assert "SYNCLINE_ENCRYPTION_KEYS" in error.value.what_to_do


def test_a_new_secret_takes_the_place_of_the_certificate():
    account = add()
    account.client_certificate = "PEM"
    account.client_secret = ""
    account.save()
    replace_credentials(account, by=OPERATOR, client_secret="a new secret")
    account = EmailAccount.objects.get()
    assert (account.client_secret, account.client_certificate) == ("a new secret", "")
