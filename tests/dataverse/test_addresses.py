"""Rows and queries in URLs: nothing that is not a name, an id or a key gets into one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncline.dataverse import Environment, Permanent, addresses, allowed_host, bind

ALICE = "0B4A7D1E-8C5A-4E58-9E0C-3B1F6C0A9D11"


def test_a_row_is_named_by_its_id_in_lower_case() -> None:
    assert addresses.row("contacts", ALICE) == f"contacts({ALICE.lower()})"
    assert bind("contacts", ALICE) == f"/contacts({ALICE.lower()})"


def test_a_row_is_named_by_the_columns_of_a_key() -> None:
    key = {"syncline_runid": "O'Brien 7", "syncline_number": 3}
    assert addresses.row("syncline_syncnotes", key) == (
        "syncline_syncnotes(syncline_runid='O''Brien%207',syncline_number=3)"
    )


@pytest.mark.parametrize(
    "value", ["a+b@example.com", "50%", "a/b", "what?", "x&y", "<b>", "a:b", "c:\\d", "*"]
)
def test_key_values_that_dataverse_cannot_take_are_refused_before_the_call(value: str) -> None:
    with pytest.raises(Permanent):
        addresses.row("contacts", {"emailaddress1": value})


@given(st.text(max_size=60))
def test_only_a_guid_is_an_id(text: str) -> None:
    try:
        assert addresses.guid(text) == text.lower()
        assert len(text) == 36
    except Permanent:
        pass


@pytest.mark.parametrize(
    "set_", ["", "contacts?$top=1", "contacts(1)", "a/b", "contacts'", "1contacts", "a b", "a\n"]
)
def test_only_a_name_is_a_set(set_: str) -> None:
    with pytest.raises(Permanent):
        addresses.row(set_, ALICE)


def test_a_query_is_encoded_once() -> None:
    path = addresses.query(
        "contacts",
        select=["fullname", "emailaddress1"],
        filter_="lastname eq 'O''Brien & Søn +1'",
        orderby=["contactid"],
    )
    assert path == (
        "contacts?$select=fullname,emailaddress1"
        "&$filter=lastname%20eq%20'O''Brien%20%26%20S%C3%B8n%20%2B1'&$orderby=contactid"
    )


@pytest.mark.parametrize(
    "url",
    ["https://contoso.crm11.dynamics.com", "https://contoso.crm.dynamics.com/", "https://a.dynamics.com:443"],
)
def test_environments_of_the_vendor_are_allowed(url: str) -> None:
    assert allowed_host(url, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://contoso.crm.dynamics.com",
        "https://dynamics.com",
        "https://evil-dynamics.com",
        "https://contoso.crm.dynamics.com.evil.example",
        "https://contoso.crm.dynamics.com:8443",
        "https://contoso.crm.dynamics.com@evil.example",
        "https://user@contoso.crm.dynamics.com",
        "https://contoso.crm.dynamics.com/path",
        "https://contoso.crm.dynamics.com?x",
        "https://contoso.crm.dynamics.com:port",
        "ftp://contoso.crm.dynamics.com",
        "contoso.crm.dynamics.com",
        "",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    assert not allowed_host(url, allow_loopback=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8101", "https://localhost:8443", "http://[::1]:80"])
def test_loopback_is_allowed_only_on_request(url: str) -> None:
    assert allowed_host(url, allow_loopback=True)
    assert not allowed_host(url, allow_loopback=False)


def test_secrets_are_in_no_repr() -> None:
    environment = Environment(
        url="https://contoso.crm.dynamics.com/", tenant_id="t", client_id="c", client_secret="hush"
    )
    assert "hush" not in repr(environment)
    assert environment.root == "https://contoso.crm.dynamics.com"
    assert environment.authority_url == "https://login.microsoftonline.com/t"
