"""The history of a person's consent for programs, with the signed file in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.conftest import Program
from syncline.accounts.models import EmailAccount
from syncline.accounts.roles import Role
from syncline.consent.ledger import Change, Source, What, record
from syncline.syncs.consent_export import verify

DAVE = "dave@contoso.example"
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_every_change_and_the_signed_file(contoso: EmailAccount, program: Program, form: str) -> None:
    record([Change(contoso.pk, DAVE, MONDAY, What.SUPPRESSION, "", "unsubscribed", Source.DOTDIGITAL)])
    told = program(Role.VIEWER).get("/api/v1/consent-history", {"address": DAVE, "format": form}).json()
    assert [(one["what"], one["after"], one["account"]) for one in told["events"]] == [
        ("suppression", "unsubscribed", "Contoso")
    ]
    assert verify(told["document"].encode()).is_ours


def test_somebody_whose_consent_never_changed(program: Program) -> None:
    told = program(Role.VIEWER).get("/api/v1/consent-history", {"address": "carol@contoso.example"}).json()
    assert (told["events"], told["erased_at"]) == ([], None)
    assert verify(told["document"].encode()).is_ours
