"""What marketing preferences need in Dynamics: categories, preferences, and what each person chose."""

from __future__ import annotations

from typing import Final

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.parts import Key, Lookup, TablePart
from syncline.provisioning.people_columns import (
    account_column,
    contact_lookup,
    dotdigital_id_column,
    lead_lookup,
)

# Dotdigital's numbers are those of one account, and an environment may have several accounts.
_KEY_COLUMNS: Final = ("syncline_account", "syncline_dotdigitalid")


def _named(schema_name: str, label: str) -> NewColumn:
    return NewColumn(schema_name=schema_name, kind="text", label=label, max_length=200)


PREFERENCE_CATEGORY = TablePart(
    logical_name="syncline_preferencecategory",
    make=NewTable(
        schema_name="syncline_PreferenceCategory",
        label="Preference Category",
        plural="Preference Categories",
        description="A category of marketing preferences in Dotdigital.",
        primary_name=_named("syncline_Name", "Public Name"),
    ),
    columns=(_named("syncline_PrivateName", "Private Name"), dotdigital_id_column(), account_column()),
    keys=(
        Key(
            schema_name="syncline_CategoryOfAccount",
            label="Account and Dotdigital id",
            columns=_KEY_COLUMNS,
        ),
    ),
)

PREFERENCE = TablePart(
    logical_name="syncline_preference",
    make=NewTable(
        schema_name="syncline_Preference",
        label="Marketing Preference",
        plural="Marketing Preferences",
        description="Something that people may choose to be told about, as Dotdigital defines it.",
        primary_name=_named("syncline_Name", "Public Name"),
    ),
    columns=(_named("syncline_PrivateName", "Private Name"), dotdigital_id_column(), account_column()),
    lookups=(
        Lookup(
            column=NewColumn(schema_name="syncline_Category", kind="text", label="Category"),
            target="syncline_preferencecategory",
            target_key="syncline_preferencecategoryid",
            relationship="syncline_category_preference",
        ),
    ),
    keys=(
        Key(
            schema_name="syncline_PreferenceOfAccount",
            label="Account and Dotdigital id",
            columns=_KEY_COLUMNS,
        ),
    ),
)

CONTACT_PREFERENCE = TablePart(
    logical_name="syncline_contactpreference",
    make=NewTable(
        schema_name="syncline_ContactPreference",
        label="Contact Preference",
        plural="Contact Preferences",
        description="What a contact or lead chose about one marketing preference.",
        primary_name=_named("syncline_Name", "Name"),
        # People choose on both sides, and the later choice counts.
        track_changes=True,
    ),
    columns=(
        NewColumn(schema_name="syncline_OptedIn", kind="yes_no", label="Opted In", default=False),
        NewColumn(schema_name="syncline_ChangedOn", kind="date_time", label="Changed On"),
        account_column(),
    ),
    lookups=(
        contact_lookup("contactpreference"),
        lead_lookup("contactpreference"),
        Lookup(
            column=NewColumn(schema_name="syncline_Preference", kind="text", label="Marketing Preference"),
            target="syncline_preference",
            target_key="syncline_preferenceid",
            relationship="syncline_preference_contactpreference",
        ),
    ),
)
