"""An account's details as an operator types them in, and a clock that a test moves."""

from dataclasses import replace
from typing import Any

from syncline.accounts.details import AccountDetails

CONTOSO = AccountDetails(
    name="Contoso",
    dataverse_url="https://contoso.crm11.dynamics.com",
    tenant_id="contoso.onmicrosoft.com",
    client_id="11111111-2222-3333-4444-555555555555",
    client_secret="s3cret-of-contoso",
    dotdigital_url="https://r1-api.dotdigital.com",
    dotdigital_user="apiuser-1@apiconnector.com",
    dotdigital_password="p4ss-of-contoso",
    owner="owner@contoso.example",
)


def details(**changes: Any) -> AccountDetails:
    return replace(CONTOSO, **changes)


class Clock:
    """Seconds that pass only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
