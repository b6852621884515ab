"""Accounts for the timetable's tests."""

import pytest

from syncline.accounts.models import EmailAccount


@pytest.fixture
def account(db: None) -> EmailAccount:
    return EmailAccount.objects.create(
        name="Northwind",
        time_zone="Europe/London",
        dataverse_url="https://northwind.crm4.dynamics.com",
        dotdigital_url="https://r1-api.dotdigital.com",
    )
