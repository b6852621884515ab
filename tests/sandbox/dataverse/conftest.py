"""The bare client, and three named people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox_process import DataverseSandbox

from .api import Api


@pytest.fixture
def api(dataverse: DataverseSandbox) -> Iterator[Api]:
    """An organisation with nothing but its platform."""
    client = Api(dataverse)
    yield client
    client.close()


@pytest.fixture
def people(api: Api) -> dict[str, str]:
    """Alice may be mailed, Bob must not be, Carla has no address; their ids by name."""
    acme = api.create("accounts", name="Acme")
    return {
        "Acme": acme,
        "Alice": api.create(
            "contacts",
            firstname="Alice",
            lastname="Archer",
            emailaddress1="alice@acme.example",
            donotbulkemail=False,
            annualincome=30000,
            birthdate="1980-02-29",
            preferredcontactmethodcode=2,
            **{"parentcustomerid_account@odata.bind": f"/accounts({acme})"},
        ),
        "Bob": api.create(
            "contacts",
            firstname="Bob",
            lastname="Baker",
            emailaddress1="Bob@acme.example",
            donotbulkemail=True,
            annualincome=20000,
            **{"parentcustomerid_account@odata.bind": f"/accounts({acme})"},
        ),
        "Carla": api.create("contacts", firstname="Carla", lastname="Castillo"),
    }
