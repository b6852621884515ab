"""The standard tables of a new organisation.

``standard.json`` holds names, types, lengths and option values derived from Microsoft's Common Data Model
(see NOTICE in the README of this package); relationships are listed here with the names that Dataverse gives
them.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

import msgspec

from syncline_sandbox.dataverse.schema.model import Column, ManyToMany, OneToMany, Option, OptionSet, Table

# Metadata ids of standard things are derived from their names, so that they are the same in every sandbox.
_NAMESPACE = UUID("5f1f8a80-3c5e-4a55-9a4b-6d8f2c1e7b90")


def metadata_id(*names: str) -> str:
    """A stable id for a thing of metadata."""
    return str(uuid5(_NAMESPACE, "/".join(names)))


# Schema names of well-known relationships, by referencing table, lookup column and referenced table.
# https://learn.microsoft.com/power-apps/developer/data-platform/reference/about-entity-reference
_KNOWN_NAMES = {
    ("contact", "parentcustomerid", "account"): "contact_customer_accounts",
    ("contact", "parentcustomerid", "contact"): "contact_customer_contacts",
    ("contact", "originatingleadid", "lead"): "contact_originating_lead",
    ("contact", "masterid", "contact"): "contact_master_contact",
    ("contact", "preferredsystemuserid", "systemuser"): "system_user_contacts",
    ("account", "parentaccountid", "account"): "account_parent_account",
    ("account", "primarycontactid", "contact"): "account_primary_contact",
    ("account", "originatingleadid", "lead"): "account_originating_lead",
    ("account", "masterid", "account"): "account_master_account",
    ("account", "preferredsystemuserid", "systemuser"): "system_user_accounts",
    ("lead", "customerid", "account"): "lead_customer_accounts",
    ("lead", "customerid", "contact"): "lead_customer_contacts",
    ("lead", "parentaccountid", "account"): "lead_parent_account",
    ("lead", "parentcontactid", "contact"): "lead_parent_contact",
    ("lead", "masterid", "lead"): "lead_master_lead",
    ("lead", "campaignid", "campaign"): "campaign_leads",
    ("lead", "relatedobjectid", "campaignresponse"): "campaignresponse_lead",
    ("opportunity", "customerid", "account"): "opportunity_customer_accounts",
    ("opportunity", "customerid", "contact"): "opportunity_customer_contacts",
    ("opportunity", "parentaccountid", "account"): "opportunity_parent_account",
    ("opportunity", "parentcontactid", "contact"): "opportunity_parent_contact",
    ("opportunity", "originatingleadid", "lead"): "opportunity_originating_lead",
    ("opportunity", "campaignid", "campaign"): "campaign_opportunities",
    ("campaignactivity", "regardingobjectid", "campaign"): "Campaign_CampaignActivities",
    ("campaignresponse", "regardingobjectid", "campaign"): "Campaign_CampaignResponses",
    ("systemuser", "businessunitid", "businessunit"): "business_unit_system_users",
    ("systemuser", "parentsystemuserid", "systemuser"): "user_parent_user",
    ("businessunit", "parentbusinessunitid", "businessunit"): "business_unit_parent_business_unit",
    ("team", "businessunitid", "businessunit"): "business_unit_teams",
    ("team", "administratorid", "systemuser"): "lk_teambase_administratorid",
    ("solution", "publisherid", "publisher"): "publisher_solution",
    ("solutioncomponent", "solutionid", "solution"): "solution_solutioncomponent",
    ("sdkmessagefilter", "sdkmessageid", "sdkmessage"): "sdkmessageid_sdkmessagefilter",
    ("role", "businessunitid", "businessunit"): "business_unit_roles",
    ("organization", "basecurrencyid", "transactioncurrency"): "basecurrency_organization",
}
_RESTRICTED = {"transactioncurrency", "publisher"}
_PLURAL = {"account": "accounts", "contact": "contacts", "lead": "leads"}
_NOTE_NAVIGATION = {"account": "Account", "contact": "Contact", "lead": "Lead", "list": "List"}

STANDARD_MANY_TO_MANY = (
    ("listcontact_association", "listmember", "list", "listid", "contact", "entityid"),
    ("listlead_association", "listmember", "list", "listid", "lead", "entityid"),
    ("listaccount_association", "listmember", "list", "listid", "account", "entityid"),
    ("campaignlist_association", "campaignitem", "campaign", "campaignid", "list", "entityid"),
    (
        "campaignactivitylist_association",
        "campaignactivityitem",
        "campaignactivity",
        "campaignactivityid",
        "list",
        "itemid",
    ),
    ("contactleads_association", "contactleads", "contact", "contactid", "lead", "leadid"),
    ("accountleads_association", "accountleads", "account", "accountid", "lead", "leadid"),
    ("teammembership_association", "teammembership", "team", "teamid", "systemuser", "systemuserid"),
    ("systemuserroles_association", "systemuserroles", "systemuser", "systemuserid", "role", "roleid"),
    ("teamroles_association", "teamroles", "team", "teamid", "role", "roleid"),
)


def standard_tables() -> dict[str, Table]:
    """Every standard table, by logical name."""
    raw = msgspec.json.decode(files(__package__).joinpath("standard.json").read_bytes())
    return {name: _table(name, facts) for name, facts in raw["tables"].items()}


def standard_option_sets(tables: dict[str, Table]) -> dict[str, OptionSet]:
    """Global choices that standard columns use."""
    found: dict[str, OptionSet] = {}
    for table in tables.values():
        for column in table.columns.values():
            if column.option_set is not None:
                found[column.option_set] = OptionSet(
                    name=column.option_set,
                    label=column.label,
                    options=column.options,
                    metadata_id=metadata_id("optionset", column.option_set),
                )
    return found


def standard_many_to_many() -> list[ManyToMany]:
    return [
        ManyToMany(
            schema_name=name,
            intersect=intersect,
            table1=table1,
            column1=column1,
            navigation1=name,
            table2=table2,
            column2=column2,
            navigation2=name,
            metadata_id=metadata_id("relationship", name),
        )
        for name, intersect, table1, column1, table2, column2 in STANDARD_MANY_TO_MANY
    ]


def lookup_relationships(table: Table, column: Column, tables: dict[str, Table]) -> list[OneToMany]:
    """The one-to-many relationships behind a standard lookup, one for each target that exists here."""
    if column.no_navigation:
        return []
    several = len(column.targets) > 1 or column.polymorphic
    return [_relationship(table, column, target, several) for target in column.targets if target in tables]


def _relationship(table: Table, column: Column, target: str, several: bool) -> OneToMany:
    name = _relationship_name(table, column, target)
    if column.type == "Owner":
        navigation = column.name
    elif table.is_activity and column.name == "regardingobjectid":
        navigation = f"{column.name}_{target}_{table.name}"
    else:
        navigation = f"{column.name}_{target}" if several else column.name
    return OneToMany(
        schema_name=name,
        referenced=target,
        referencing=table.name,
        column=column.name,
        lookup_navigation=navigation,
        collection_navigation=name,
        delete="Restrict" if target in _RESTRICTED else _delete_rule(table, column),
        metadata_id=metadata_id("relationship", name),
    )


def _delete_rule(table: Table, column: Column) -> Any:
    if table.name == "activityparty":
        # A party is part of its activity.
        return "Cascade"
    system = {"ownerid", "owninguser", "owningteam", "owningbusinessunit", "createdby", "modifiedby"}
    return "NoCascade" if column.name in system else "RemoveLink"


def _relationship_name(table: Table, column: Column, target: str) -> str:
    known = _KNOWN_NAMES.get((table.name, column.name, target))
    if known is not None:
        return known
    plural = _PLURAL.get(table.name, table.name)
    match column.name:
        case "createdby" | "createdonbehalfby" | "modifiedby" | "modifiedonbehalfby":
            base = f"{table.name}base" if table.name in _PLURAL else table.name
            return f"lk_{base}_{column.name}"
        case "owninguser":
            return f"user_{plural}"
        case "owningteam":
            return f"team_{plural}"
        case "owningbusinessunit":
            return f"business_unit_{plural}"
        case "ownerid":
            return f"owner_{plural}" if target == "systemuser" else f"owner_{plural}_{target}"
        case "transactioncurrencyid":
            return f"transactioncurrency_{table.name}"
        case "activityid" if table.name == "activityparty":
            return f"{target}_activity_parties"
        case "objectid" if table.name == "annotation":
            return f"{_NOTE_NAVIGATION.get(target, target)}_Annotation"
        case "regardingobjectid":
            return f"{target.capitalize()}_{table.schema_name}s"
        case _:
            return f"{target}_{table.name}_{column.name}"


def _table(name: str, facts: dict[str, Any]) -> Table:
    return Table(
        name=name,
        set_name=facts["set"],
        schema_name=facts["schema"],
        label=facts["label"],
        plural=facts["plural"],
        primary_id=facts["primary_id"],
        primary_name=facts["primary_name"],
        type_code=facts["type_code"],
        ownership=facts["ownership"],
        columns={key: _column(name, key, value) for key, value in facts["columns"].items()},
        change_tracking=facts.get("change_tracking", False),
        can_change_tracking=facts.get("can_change_tracking", True),
        optimistic_concurrency=facts.get("optimistic_concurrency", False),
        bulk_messages=facts.get("bulk_messages", False),
        duplicate_detection=facts.get("duplicate_detection", False),
        has_activities=facts.get("has_activities", False),
        has_notes=facts.get("has_notes", False),
        is_activity=facts.get("activity", False),
        messages=facts.get("messages"),
        metadata_id=metadata_id("table", name),
    )


def _column(table: str, name: str, facts: dict[str, Any]) -> Column:
    writable = facts.get("writable", True)
    true_label, false_label = facts.get("labels", ("Yes", "No"))
    return Column(
        name=name,
        schema_name=facts["schema_name"],
        type=facts["type"],
        label=facts.get("label", ""),
        description=facts.get("description", ""),
        required=facts.get("required", "None"),
        max_length=facts.get("max_length"),
        minimum=facts.get("min"),
        maximum=facts.get("max"),
        precision=facts.get("precision"),
        format=facts.get("format"),
        behavior=facts.get("behavior"),
        targets=facts.get("targets", []),
        options=[_option(option) for option in facts.get("options", [])],
        option_set=facts.get("option_set"),
        true_label=true_label,
        false_label=false_label,
        default=facts.get("default"),
        can_create=writable,
        can_update=writable and facts.get("update", True),
        polymorphic=facts.get("polymorphic", False),
        no_navigation=facts.get("no_navigation", False),
        attribute_of=facts.get("attribute_of"),
        base_of=facts.get("base_of"),
        metadata_id=metadata_id("column", table, name),
    )


def _option(facts: list[Any]) -> Option:
    return Option(value=facts[0], label=facts[1], state=facts[2] if len(facts) > 2 else None)
