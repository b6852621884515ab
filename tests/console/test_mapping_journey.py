"""From a label that does not exist yet to its values in Dotdigital, through the pages and the syncs."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from console.world import basis_at
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import close_clients
from syncline.ledger.models import RunStatus
from syncs.world import World


@pytest.fixture
def world(dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def test_a_new_label_is_made_mapped_previewed_and_filled(world: World, manager: Client) -> None:
    account = world.account
    alice = world.add("contacts", emailaddress1="alice@contoso.example", jobtitle="Director")
    world.add_list("Newsletter", [alice])

    manager.post(reverse("label-new", args=[account.pk]), {"name": "JOB", "type": "String"})
    assert world.sync("labels").created == 1
    assert "Waiting" not in manager.get(reverse("labels", args=[account.pk])).content.decode()

    chosen = {"field": "jobtitle", "label": "JOB", "direction": "both"}
    preview = reverse("mapping-preview", args=[account.pk, "contact"], query=chosen)
    assert "read from Dynamics just now" in manager.get(preview).content.decode()
    new = reverse("mapping-new", args=[account.pk, "contact"], query={"field": "jobtitle"})
    chosen |= basis_at(manager, new)
    assert manager.post(new, chosen | {"conflict_rule": "dynamics"}).status_code == 302

    assert world.sync().status == RunStatus.COMPLETED
    assert world.contacts()["alice@contoso.example"].data_fields["JOB"] == "Director"
    after = manager.get(preview).content.decode()
    assert "1 row as the last list sync left them" in after
    assert "The same on both sides." in after


def test_the_pages_take_the_columns_of_a_whole_environment(world: World, manager: Client) -> None:
    for entity in ("contact", "lead", "account"):
        page = manager.get(reverse("mappings", args=[world.account.pk, entity]))
        assert page.status_code == 200
        assert "1–50 of" in page.content.decode()
    them = reverse("mappings", args=[world.account.pk, "contact"], query={"find": "owner"})
    assert "Columns of its systemuser" in manager.get(them).content.decode()
