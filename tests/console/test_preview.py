"""The live preview: what becomes of real values, from what the syncs know and straight from Dynamics."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.mapping_world import keep_person, keep_record, make_columns, make_mapping_world, mapping_of
from console.world import SignedIn, make_account
from sandbox_process import DataverseSandbox
from syncline.accounts.clients import close_clients, dataverse_client
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.console.preview_cells import Sample, cell
from syncline.mapping.catalogue import MappedField, assemble
from syncline.mapping.models import CrmField, Direction, Entity, FieldMapping
from syncline.mapping.specs import LabelSpec

ALICE = "0b0a1c2e-0000-4000-8000-00000000000a"
BOB = "0b0a1c2e-0000-4000-8000-00000000000b"
ACME = "0b0a1c2e-0000-4000-8000-0000000000ac"


@pytest.fixture
def mapped(contoso: EmailAccount) -> EmailAccount:
    make_mapping_world(contoso)
    return contoso


@pytest.mark.parametrize(
    ("column", "label", "crm", "remote", "shown"),
    [
        ("firstname", "FIRSTNAME", "Alice", "Alice", ("Alice", "Alice", "Alice", "same")),
        ("firstname", "FIRSTNAME", " Alice ", "Al", (" Alice ", "Alice", "Al", "differs")),
        ("firstname", "FIRSTNAME", None, "Al", ("", "", "Al", "blank")),
        ("firstname", "FIRSTNAME", None, None, ("", "", "", "blank")),
        ("preferredcontactmethodcode", "GENDER", 2, "email", ("Email", "Email", "email", "same")),
        ("preferredcontactmethodcode", "GENDER", 9, None, ("9", "", "", "problem")),
        ("numberofchildren", "CHILDREN", 2, 0, ("2", "2", "0", "differs")),
        ("donotphone", "NOCALLS", True, False, ("Yes", "Yes", "No", "differs")),
        ("birthdate", "RENEWAL", "1990-05-01", None, ("1990-05-01", "1990-05-01T00:00:00Z", "", "differs")),
        ("birthdate", "RENEWAL", "1066-10-14", None, ("1066-10-14", "", "", "problem")),
    ],
)
def test_what_becomes_of_a_value(
    mapped: EmailAccount, column: str, label: str, crm: Any, remote: Any, shown: tuple[str, ...]
) -> None:
    one = _mapped(mapped, column, label)
    remotes = {label: remote} if remote is not None else {}
    made = cell(one, _sample({column: crm}, remotes), is_read=True)
    assert (made.crm, made.becomes, made.now, made.state) == shown


def test_a_value_on_its_way_to_dynamics_is_shown_as_dynamics_would_have_it(mapped: EmailAccount) -> None:
    one = _mapped(mapped, "preferredcontactmethodcode", "GENDER", direction=Direction.TO_DYNAMICS)
    made = cell(one, _sample({"preferredcontactmethodcode": 2}, {"GENDER": "phone"}), is_read=True)
    assert (made.goes_to, made.crm, made.becomes, made.now) == ("Dynamics", "Email", "Phone", "phone")
    made = cell(one, _sample({}, {"GENDER": "Pigeon"}), is_read=True)
    assert made.state == "problem"
    assert "Pigeon" in made.note


def test_who_is_not_in_dotdigital_and_what_was_not_read(mapped: EmailAccount) -> None:
    one = _mapped(mapped, "jobtitle", "GENDER")
    assert cell(one, _sample({"jobtitle": "Clerk"}, None), is_read=True).note == "Not in Dotdigital yet."
    assert cell(one, _sample({"jobtitle": "Clerk"}, {}), is_read=False).now == "Not read yet"


def test_a_looked_up_row_that_is_not_known(mapped: EmailAccount) -> None:
    one = _mapped(mapped, "parentcustomerid", "TOWN", direction=Direction.TO_DOTDIGITAL)
    made = cell(one, _sample({"_parentcustomerid_value": ACME}, {"TOWN": "Leeds"}), is_read=True)
    assert (made.crm, made.becomes, made.now, made.state) == ("", "", "Leeds", "unknown")
    assert "not known yet" in made.note


def test_the_preview_of_a_table_shows_people_that_the_syncs_know(
    manager: Client, mapped: EmailAccount
) -> None:
    keep_record(
        mapped, ALICE, "alice@contoso.example", {"firstname": "Alice", "lastname": "A", "fullname": "Alice A"}
    )
    keep_record(mapped, BOB, "bob@contoso.example", {"address1_postalcode": "LS1 4AP"})
    keep_person(mapped, "alice@contoso.example", {"FIRSTNAME": "Alicia"})
    page = manager.get(_all_of(mapped)).content.decode()
    assert "Fetching five rows" in page
    text = _fragment(manager, _all_of(mapped))
    assert "2 rows as the last list sync left them" in text
    assert text.index("alice@contoso.example") < text.index("bob@contoso.example")
    assert "Alicia" in text
    assert "LS1 4AP" in text


def test_the_preview_of_one_mapping_is_of_what_is_chosen_and_not_of_what_is_saved(
    manager: Client, mapped: EmailAccount
) -> None:
    keep_record(mapped, ALICE, "alice@contoso.example", {"firstname": "Alice"})
    keep_person(mapped, "alice@contoso.example", {"FIRSTNAME": "Alicia"})
    outward = _one(manager, mapped, field="firstname", label="FIRSTNAME", direction="both")
    assert "Dotdigital would get" in outward
    inward = _one(manager, mapped, field="firstname", label="FIRSTNAME", direction="to_dynamics")
    assert "Dynamics would get" in inward
    assert inward.count("Alicia") == 2
    assert mapping_of(mapped, "FIRSTNAME").direction == Direction.BOTH


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"label": ""}, "Choose a label"),
        ({"label": "CHILDREN"}, "needs a label of type Text"),
        ({"label": "SHOESIZE"}, "The label SHOESIZE is not known"),
        ({"field": "shoesize"}, "contact has no column shoesize"),
    ],
)
def test_a_mapping_that_could_not_be_has_no_preview_but_a_reason(
    manager: Client, mapped: EmailAccount, chosen: dict[str, str], words: str
) -> None:
    assert words in _one(manager, mapped, **({"field": "jobtitle", "label": "GENDER"} | chosen))


def test_nothing_mapped_nothing_to_show(manager: Client, contoso: EmailAccount) -> None:
    make_columns(contoso)
    assert "No column of contact is mapped yet" in _fragment(manager, _all_of(contoso))


def test_when_dynamics_cannot_be_read_the_page_says_so_in_words(
    manager: Client, mapped: EmailAccount
) -> None:
    EmailAccount.objects.filter(pk=mapped.pk).update(dataverse_url="https://127.0.0.1:9")
    keep_record(mapped, ALICE, "alice@contoso.example", {"firstname": "Alice"})
    text = _one(manager, mapped, field="jobtitle", label="GENDER")
    assert "Dynamics could not be read for this preview" in text
    assert "What to do" in text
    assert "alice@contoso.example" in text


def test_everybody_who_may_look_may_preview_what_is_mapped(signed_in: SignedIn, mapped: EmailAccount) -> None:
    keep_record(mapped, ALICE, "alice@contoso.example", {"firstname": "Alice"})
    viewer = signed_in(Role.VIEWER)
    assert "Alice" in _fragment(viewer, _all_of(mapped))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PROFESSIONAL])
def test_a_column_of_ones_own_choice_is_read_for_those_alone_who_make_mappings(
    signed_in: SignedIn, mapped: EmailAccount, role: Role
) -> None:
    keep_record(mapped, ALICE, "alice@contoso.example", {"firstname": "Alice"})
    chosen = {"field": "firstname", "label": "FIRSTNAME"}
    address = reverse("mapping-preview", args=[mapped.pk, "contact"], query=chosen)
    assert signed_in(role).get(address, headers={"HX-Request": "true"}).status_code == 403


@pytest.fixture
def joined(dataverse: DataverseSandbox) -> Any:
    """An account at a Dynamics with Acme in Leeds, Alice who works there, and Bob."""
    account = make_account(
        "Northwind",
        dataverse_url=dataverse.base_url,
        dataverse_authority=dataverse.authority,
        dataverse_ca_file=str(dataverse.ca_file),
        tenant_id=dataverse.tenant_id,
        client_id=dataverse.client_id,
    )
    account.client_secret = dataverse.client_secret
    account.save()
    make_mapping_world(account)
    crm = dataverse_client(account)
    acme = crm.create("accounts", {"name": "Acme", "address1_city": "Leeds"})
    crm.create(
        "contacts",
        {
            "firstname": "Alice",
            "emailaddress1": "Alice@Contoso.example",
            "jobtitle": "Director",
            "preferredcontactmethodcode": 2,
            "parentcustomerid_account@odata.bind": f"/accounts({acme})",
        },
    )
    crm.create("contacts", {"firstname": "Bob", "emailaddress1": "bob@contoso.example"})
    crm.create("contacts", {"firstname": "Nobody"})
    dataverse.control.clear_journal()
    yield account
    close_clients()


def test_a_column_that_no_sync_has_read_is_read_from_dynamics_with_one_call(
    manager: Client, joined: EmailAccount, dataverse: DataverseSandbox
) -> None:
    text = _one(manager, joined, field="jobtitle", label="GENDER")
    assert "2 rows read from Dynamics just now" in text
    assert "Director" in text
    assert "alice@contoso.example" in text
    assert "Nobody" not in text
    assert dataverse.control.calls("GET /contacts") == 1


def test_names_and_columns_of_looked_up_rows_come_along(manager: Client, joined: EmailAccount) -> None:
    out = {"label": "TOWN", "direction": "to_dotdigital"}
    assert "Acme" in _one(manager, joined, field="parentcustomerid", **out)
    there = {"field": "address1_city", "through": "parentcustomerid", "table": "account"}
    assert "Leeds" in _one(manager, joined, **there, **out)


def test_people_that_are_known_are_the_ones_that_are_read(
    manager: Client, joined: EmailAccount, dataverse: DataverseSandbox
) -> None:
    crm = dataverse_client(joined)
    carol = crm.create("contacts", {"emailaddress1": "carol@contoso.example", "jobtitle": "Clerk"})
    keep_record(joined, carol, "carol@contoso.example", {"firstname": "Carol"})
    text = _one(manager, joined, field="jobtitle", label="GENDER")
    assert "Clerk" in text
    assert "alice@contoso.example" not in text


def test_columns_behind_a_lookup_are_read_when_they_are_wanted(manager: Client, joined: EmailAccount) -> None:
    CrmField.objects.filter(account=joined, entity="account").delete()
    there = {"through": "parentcustomerid", "table": "account"}
    page = reverse("mappings", args=[joined.pk, "contact"], query=there)
    assert "Read its columns" in manager.get(page).content.decode()
    answer = manager.post(reverse("columns-read", args=[joined.pk, "contact"]), there)
    assert answer.headers["Location"] == page
    assert "columns of account were read" in manager.get(page).content.decode()
    assert CrmField.objects.filter(account=joined, entity="account", logical_name="address1_city").exists()
    entry = AdminLogEntry.objects.get()
    assert (entry.action, entry.after) == ("columns read", {"table": "account"})


def test_columns_that_cannot_be_read_say_why(manager: Client, joined: EmailAccount) -> None:
    EmailAccount.objects.filter(pk=joined.pk).update(dataverse_url="https://127.0.0.1:9")
    there = {"through": "parentcustomerid", "table": "account"}
    answer = manager.post(reverse("columns-read", args=[joined.pk, "contact"]), there, follow=True)
    assert "The columns of account could not be read" in answer.content.decode()
    assert not AdminLogEntry.objects.exists()


def test_only_tables_that_a_lookup_points_at_are_read(manager: Client, joined: EmailAccount) -> None:
    there = {"through": "parentcustomerid", "table": "systemuser"}
    answer = manager.post(reverse("columns-read", args=[joined.pk, "contact"]), there, follow=True)
    assert "No lookup column of contact" in answer.content.decode()
    assert not AdminLogEntry.objects.exists()


def _mapped(account: EmailAccount, column: str, label: str, **more: Any) -> MappedField:
    fields = {(row.entity, row.logical_name): row for row in CrmField.objects.filter(account=account)}
    labels = {row.name: LabelSpec.of(row) for row in account.labels.all()}
    mapping = FieldMapping(account=account, entity="contact", crm_field=column, label=label, **more)
    (made,) = assemble([mapping], fields, labels).mapped[Entity.CONTACT.value]
    return made


def _sample(columns: dict[str, Any], remote: dict[str, Any] | None) -> Sample:
    return Sample(name="Alice", address="alice@contoso.example", columns=columns, looked_up={}, remote=remote)


def _all_of(account: EmailAccount, entity: str = "contact") -> str:
    return reverse("mappings-preview", args=[account.pk, entity])


def _one(client: Client, account: EmailAccount, **chosen: str) -> str:
    return _fragment(client, reverse("mapping-preview", args=[account.pk, "contact"], query=chosen))


def _fragment(client: Client, address: str) -> str:
    return client.get(address, headers={"HX-Request": "true"}).content.decode()
