"""Columns that new tables and new money columns get of themselves."""

from __future__ import annotations

from syncline_sandbox.dataverse.schema.model import Column, Option, OwnershipType, Table


def common_columns(schema_name: str, ownership: OwnershipType) -> dict[str, Column]:
    """Key, stamps, owner and state of a new table."""
    key = Column(
        name=f"{schema_name.lower()}id",
        schema_name=f"{schema_name}Id",
        type="Uniqueidentifier",
        label=schema_name,
        required="SystemRequired",
        can_update=False,
    )
    columns = [
        key,
        _fixed("versionnumber", "VersionNumber", "BigInt", "Version Number"),
        *_stamps(),
        *(_owner() if ownership == "UserOwned" else ()),
        *_state(),
        Column(
            name="importsequencenumber",
            schema_name="ImportSequenceNumber",
            type="Integer",
            label="Import Sequence Number",
            can_update=False,
        ),
        Column(
            name="overriddencreatedon",
            schema_name="OverriddenCreatedOn",
            type="DateTime",
            label="Record Created On",
            format="DateOnly",
            behavior="UserLocal",
            can_update=False,
        ),
        Column(
            name="timezoneruleversionnumber",
            schema_name="TimeZoneRuleVersionNumber",
            type="Integer",
            label="Time Zone Rule Version Number",
            minimum=-1,
        ),
        Column(
            name="utcconversiontimezonecode",
            schema_name="UTCConversionTimeZoneCode",
            type="Integer",
            label="UTC Conversion Time Zone Code",
            minimum=-1,
        ),
    ]
    return {column.name: column for column in columns}


def _stamps() -> list[Column]:
    user = ["systemuser"]
    return [
        _fixed("createdon", "CreatedOn", "DateTime", "Created On"),
        _fixed("modifiedon", "ModifiedOn", "DateTime", "Modified On"),
        _fixed("createdby", "CreatedBy", "Lookup", "Created By", user),
        _fixed("modifiedby", "ModifiedBy", "Lookup", "Modified By", user),
        _fixed("createdonbehalfby", "CreatedOnBehalfBy", "Lookup", "Created By (Delegate)", user),
        _fixed("modifiedonbehalfby", "ModifiedOnBehalfBy", "Lookup", "Modified By (Delegate)", user),
    ]


def _owner() -> list[Column]:
    owner = Column(
        name="ownerid",
        schema_name="OwnerId",
        type="Owner",
        label="Owner",
        targets=["systemuser", "team"],
        required="SystemRequired",
    )
    return [
        owner,
        _fixed(
            "owningbusinessunit", "OwningBusinessUnit", "Lookup", "Owning Business Unit", ["businessunit"]
        ),
        _fixed("owninguser", "OwningUser", "Lookup", "Owning User", ["systemuser"]),
        _fixed("owningteam", "OwningTeam", "Lookup", "Owning Team", ["team"]),
    ]


def _state() -> list[Column]:
    return [
        Column(
            name="statecode",
            schema_name="statecode",
            type="State",
            label="Status",
            required="SystemRequired",
            options=[Option(value=0, label="Active"), Option(value=1, label="Inactive")],
        ),
        Column(
            name="statuscode",
            schema_name="statuscode",
            type="Status",
            label="Status Reason",
            options=[Option(value=1, label="Active", state=0), Option(value=2, label="Inactive", state=1)],
        ),
    ]


def _fixed(name: str, schema_name: str, kind: str, label: str, targets: list[str] | None = None) -> Column:
    return Column(
        name=name,
        schema_name=schema_name,
        type=kind,
        label=label,
        targets=targets or [],
        behavior="UserLocal" if kind == "DateTime" else None,
        can_create=False,
        can_update=False,
    )


def money_companions(table: Table, column: Column) -> list[Column]:
    """A money column brings its base amount, and the first one of a table its currency and rate."""
    if column.type != "Money" or column.base_of is not None:
        return []
    base = Column(
        name=f"{column.name}_base",
        schema_name=f"{column.schema_name}_Base",
        type="Money",
        label=f"{column.label} (Base)",
        precision=4,
        base_of=column.name,
        can_create=False,
        can_update=False,
        custom=True,
    )
    currency = Column(
        name="transactioncurrencyid",
        schema_name="TransactionCurrencyId",
        type="Lookup",
        label="Currency",
        targets=["transactioncurrency"],
    )
    rate = Column(
        name="exchangerate",
        schema_name="ExchangeRate",
        type="Decimal",
        label="Exchange Rate",
        precision=10,
        can_create=False,
        can_update=False,
    )
    return [base, *(found for found in (currency, rate) if found.name not in table.columns)]
