"""Clients are kept between steps, and made anew when what they were made from has changed."""

import pytest

from accounts.specimens import Clock, details
from syncline.accounts.adding import add_account, unsaved_account
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.changing import replace_credentials
from syncline.accounts.clients import (
    KEPT_FOR_S,
    KeptClients,
    close_clients,
    dataverse_client,
    dotdigital_client,
)


class Client:
    def __init__(self, account):
        self.closed = False

    def close(self):
        self.closed = True


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(clock):
    return KeptClients(Client, ("dataverse_url",), clock)


def test_a_client_is_kept_for_the_next_step(kept):
    account = unsaved_account(details())
    assert kept.client(account) is kept.client(account)


def test_another_address_has_another_client(kept):
    contoso = kept.client(unsaved_account(details()))
    fabrikam = kept.client(unsaved_account(details(dataverse_url="https://fabrikam.crm.dynamics.com")))
    assert contoso is not fabrikam
    assert not contoso.closed


def test_an_unused_client_is_closed(kept, clock):
    unused = kept.client(unsaved_account(details()))
    clock.time += KEPT_FOR_S / 2
    used = kept.client(unsaved_account(details(dataverse_url="https://fabrikam.crm.dynamics.com")))
    clock.time += KEPT_FOR_S / 2 + 1
    assert kept.client(unsaved_account(details(dataverse_url="https://fabrikam.crm.dynamics.com"))) is used
    assert unused.closed
    assert not used.closed


@pytest.mark.django_db
def test_new_credentials_make_new_clients():
    account = add_account(details(), by=OPERATOR, allow_loopback=False)
    try:
        dataverse, dotdigital = dataverse_client(account), dotdigital_client(account)
        replace_credentials(account, by=OPERATOR, client_secret="a new secret")
        assert dataverse_client(account) is not dataverse
        assert dotdigital_client(account) is dotdigital
        assert "a new secret" not in repr(dataverse_client(account))
    finally:
        close_clients()
