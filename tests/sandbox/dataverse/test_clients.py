"""Clients that nobody here wrote, unmodified, over real HTTP and TLS."""

from __future__ import annotations

from collections.abc import Iterator

import msal
import pytest
from dynamics.client import DynamicsClient
from dynamics.exceptions import DuplicateRecordError, NotFound, ParseError
from dynamics.query_functions import ftr

from sandbox_process import DataverseSandbox

from .api import Api


def application(sandbox: DataverseSandbox, secret: str) -> msal.ConfidentialClientApplication:
    return msal.ConfidentialClientApplication(
        sandbox.client_id,
        client_credential=secret,
        authority=sandbox.authority,
        validate_authority=False,
        instance_discovery=False,
    )


@pytest.fixture(autouse=True)
def trusted_certificate(dataverse: DataverseSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What everybody does who points Microsoft's libraries at a server of their own."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(dataverse.ca_file))


def test_msal_gets_a_token_that_the_api_takes(dataverse: DataverseSandbox) -> None:
    app = application(dataverse, dataverse.client_secret)
    answer = app.acquire_token_for_client([f"{dataverse.tls_base_url}/.default"])
    assert answer["token_type"] == "Bearer"
    assert answer["token_source"] == "identity_provider"
    again = app.acquire_token_for_client([f"{dataverse.tls_base_url}/.default"])
    assert again["token_source"] == "cache"
    api = Api(dataverse)
    api.token = answer["access_token"]
    assert api.get("WhoAmI").status_code == 200
    api.close()


def test_msal_understands_the_refusal(dataverse: DataverseSandbox) -> None:
    answer = application(dataverse, "wrong").acquire_token_for_client([f"{dataverse.tls_base_url}/.default"])
    assert answer["error"] == "invalid_client"
    assert answer["error_codes"] == [7000215]


@pytest.fixture
def client(dataverse: DataverseSandbox) -> Iterator[DynamicsClient]:
    found = DynamicsClient(
        api_url=f"{dataverse.base_url}/api/data/v9.2",
        token_url=dataverse.token_url,
        client_id=dataverse.client_id,
        client_secret=dataverse.client_secret,
        scope=f"{dataverse.base_url}/.default",
        cache_token=False,
    )
    yield found
    found._oauth_client.close()


def test_dynamics_client_makes_reads_changes_and_deletes(client: DynamicsClient) -> None:
    client.table = "contacts"
    client.select = ["fullname", "contactid"]
    made = client.post({"firstname": "Alice", "lastname": "Archer", "emailaddress1": "a@x.example"}).data
    assert made["fullname"] == "Alice Archer"
    client.row_id = made["contactid"]
    assert client.patch({"lastname": "Baker"}).data["fullname"] == "Alice Baker"
    assert client.get().data[0]["fullname"] == "Alice Baker"
    client.delete()
    with pytest.raises(NotFound):
        client.get()


def test_dynamics_client_filters_expands_and_pages(
    client: DynamicsClient, dataverse: DataverseSandbox
) -> None:
    dataverse.control.seed(table="contact", count=12)
    client.table = "contacts"
    client.select = ["firstname"]
    client.expand = {"owninguser": {"select": ["fullname"]}}
    client.filter = [
        ftr.in_("firstname", [f"First {number}" for number in range(7)]),
        ftr.last_x_days("createdon", 2),
        ftr.not_(ftr.contains("firstname", "3")),
    ]
    client.orderby = {"firstname": "desc"}
    client.count = True
    client.pagesize = 4
    answer = client.get(pagination_rules={"pages": -1})
    assert answer.count == 6
    assert [row["firstname"] for row in answer.data] == [f"First {number}" for number in (6, 5, 4, 2, 1, 0)]
    assert answer.data[0]["owninguser"]["fullname"] == "Alice Archer"


def test_dynamics_client_hears_of_mistakes(client: DynamicsClient) -> None:
    client.table = "contacts"
    client.select = ["nope"]
    with pytest.raises(ParseError, match="nope"):
        client.get()
    client.select = []
    client.post({"lastname": "A", "emailaddress1": "a@x.example"})
    with pytest.raises(DuplicateRecordError):
        client.post({"lastname": "B", "emailaddress1": "A@x.example"})
    client.suppress_duplicate_detection = True
    assert client.post({"lastname": "B", "emailaddress1": "A@x.example"}).data["lastname"] == "B"
