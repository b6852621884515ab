"""``$metadata``: the CSDL, generated from the metadata in force."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from syncline_sandbox.dataverse.http import Reply, Request
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.values import edm_type
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.schema.model import Column, Table

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    '<EntityType Name="crmbaseentity" Abstract="true" />'
    '<EntityType Name="expando" BaseType="mscrm.crmbaseentity" OpenType="true" />'
    '<EntityType Name="principal" BaseType="mscrm.crmbaseentity"><Key><PropertyRef Name="ownerid" /></Key>'
    '<Property Name="ownerid" Type="Edm.Guid" /></EntityType>'
)
_TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"

# Name and properties of each complex type; ``!`` marks what cannot be null.
_COMPLEX_TYPES = {
    "WhoAmIResponse": ("BusinessUnitId!Edm.Guid", "UserId!Edm.Guid", "OrganizationId!Edm.Guid"),
    "RetrieveVersionResponse": ("Version Edm.String",),
    "AddMemberListResponse": ("Id!Edm.Guid",),
    "BulkDeleteResponse": ("JobId!Edm.Guid",),
    "CreateMultipleResponse": ("Ids!Collection(Edm.Guid)",),
    "EntityRecordCountCollection": (
        "Count!Edm.Int32",
        "IsReadOnly!Edm.Boolean",
        "Keys Collection(Edm.String)",
        "Values!Collection(Edm.Int64)",
    ),
    "RetrieveTotalRecordCountResponse": ("EntityRecordCountCollection mscrm.EntityRecordCountCollection",),
}

# Name, bound table or None, parameters, return type.
_OPERATIONS: tuple[tuple[str, str, str | None, tuple[tuple[str, str, bool], ...], str | None], ...] = (
    ("Function", "WhoAmI", None, (), "mscrm.WhoAmIResponse"),
    ("Function", "RetrieveVersion", None, (), "mscrm.RetrieveVersionResponse"),
    (
        "Function",
        "RetrieveTotalRecordCount",
        None,
        (("EntityNames", "Collection(Edm.String)", False),),
        "mscrm.RetrieveTotalRecordCountResponse",
    ),
    (
        "Action",
        "AddListMembersList",
        None,
        (("List", "mscrm.list", False), ("Members", "Collection(mscrm.crmbaseentity)", False)),
        None,
    ),
    (
        "Action",
        "RemoveListMembersList",
        None,
        (("List", "mscrm.list", False), ("Members", "Collection(mscrm.crmbaseentity)", False)),
        None,
    ),
    ("Action", "AddMemberList", "list", (("EntityId", "Edm.Guid", False),), "mscrm.AddMemberListResponse"),
    ("Action", "RemoveMemberList", "list", (("ListMember", "mscrm.listmember", False),), None),
    ("Action", "CopyDynamicListToStatic", "list", (), "mscrm.list"),
    ("Action", "CopyMembersList", "list", (("TargetList", "mscrm.list", False),), None),
    (
        "Action",
        "QualifyLead",
        "lead",
        (
            ("CreateAccount", "Edm.Boolean", False),
            ("CreateContact", "Edm.Boolean", False),
            ("CreateOpportunity", "Edm.Boolean", False),
            ("OpportunityCurrencyId", "mscrm.transactioncurrency", True),
            ("OpportunityCustomerId", "mscrm.crmbaseentity", True),
            ("SourceCampaignId", "mscrm.campaign", True),
            ("Status", "Edm.Int32", False),
        ),
        "Collection(mscrm.crmbaseentity)",
    ),
    (
        "Action",
        "InsertOptionValue",
        None,
        (
            ("OptionSetName", "Edm.String", True),
            ("AttributeLogicalName", "Edm.String", True),
            ("EntityLogicalName", "Edm.String", True),
            ("Value", "Edm.Int32", True),
            ("Label", "mscrm.Label", False),
            ("SolutionUniqueName", "Edm.String", True),
        ),
        "mscrm.InsertOptionValueResponse",
    ),
    ("Action", "PublishAllXml", None, (), None),
    ("Action", "PublishXml", None, (("ParameterXml", "Edm.String", False),), None),
    (
        "Action",
        "Merge",
        None,
        (
            ("Target", "mscrm.crmbaseentity", False),
            ("Subordinate", "mscrm.crmbaseentity", False),
            ("UpdateContent", "mscrm.crmbaseentity", True),
            ("PerformParentingChecks", "Edm.Boolean", False),
        ),
        None,
    ),
)


def read(organisation: Organisation, request: Request) -> Reply:
    """Annotations (labels, descriptions) only with ``?annotations=true``."""
    annotated = request.query.get("annotations", "false").lower() == "true"
    hidden = set(organisation.settings.hidden_actions)
    faults = organisation.faults.active("hide_action")
    hidden |= {
        name
        for kind, name, _, _, _ in _OPERATIONS
        if kind == "Action" and any(fault.spec.match in (None, name) for fault in faults)
    }
    text = write(
        organisation.catalogue, frozenset(organisation.settings.hidden_tables), hidden, annotated=annotated
    )
    return Reply(200, text.encode(), {}, "application/xml")


def write(catalogue: Catalogue, hidden_tables: frozenset[str], hidden: set[str], *, annotated: bool) -> str:
    tables = [table for table in catalogue.tables.values() if table.name not in hidden_tables]
    parts = [_HEAD]
    parts += [_entity_type(catalogue, table, hidden_tables, annotated) for table in tables]
    parts += [_complex_type(name, properties) for name, properties in _COMPLEX_TYPES.items()]
    shown = [operation for operation in _OPERATIONS if operation[1] not in hidden]
    parts += [_operation(*operation) for operation in shown]
    parts += [_bulk_action(table, name) for table in tables if table.bulk_messages for name in _BULK]
    parts.append(_container(catalogue, tables, shown, hidden_tables))
    parts.append(_TAIL)
    return "".join(parts)


_BULK = ("CreateMultiple", "UpdateMultiple", "UpsertMultiple")


def _entity_type(catalogue: Catalogue, table: Table, hidden: frozenset[str], annotated: bool) -> str:
    name = quoteattr(table.name)
    parts = [
        f'<EntityType Name={name} BaseType="mscrm.crmbaseentity">'
        f'<Key><PropertyRef Name="{table.primary_id}" /></Key>'
    ]
    parts += [_property(column, annotated) for column in table.columns.values()]
    for single in catalogue.singles(table).values():
        if single.targets[0] in hidden:
            continue
        target = "principal" if single.name == "ownerid" else single.targets[0]
        key = "ownerid" if target == "principal" else catalogue.tables[target].primary_id
        parts.append(
            f'<NavigationProperty Name="{single.name}" Type="mscrm.{target}" Nullable="true">'
            f'<ReferentialConstraint Property="{single.column.property_name}" ReferencedProperty="{key}" />'
            "</NavigationProperty>"
        )
    for collection in catalogue.collections(table).values():
        if collection.table not in hidden:
            parts.append(
                f'<NavigationProperty Name="{collection.name}" Type="Collection(mscrm.{collection.table})" />'
            )
    return "".join(parts) + "</EntityType>"


def _property(column: Column, annotated: bool) -> str:
    head = f'<Property Name="{column.property_name}" Type="{edm_type(column)}"'
    if column.type == "String" and column.max_length:
        head += f' MaxLength="{column.max_length}"'
    if not annotated or not (column.label or not column.can_update):
        return head + " />"
    notes = ""
    if column.label:
        notes += f'<Annotation Term="mscrm.DisplayName" String={quoteattr(column.label)} />'
    if not column.can_create and not column.can_update:
        notes += (
            '<Annotation Term="Org.OData.Core.V1.Permissions"><EnumMember>'
            "Org.OData.Core.V1.PermissionType/Read</EnumMember></Annotation>"
        )
    return f"{head}>{notes}</Property>"


def _complex_type(name: str, properties: tuple[str, ...]) -> str:
    parts = []
    for text in properties:
        required = "!" in text
        property_name, _, type_name = text.replace("!", " ").partition(" ")
        nullable = ' Nullable="false"' if required else ""
        parts.append(f'<Property Name="{property_name}" Type="{type_name}"{nullable} />')
    return f'<ComplexType Name="{name}">{"".join(parts)}</ComplexType>'


def _operation(
    kind: str,
    name: str,
    bound: str | None,
    parameters: tuple[tuple[str, str, bool], ...],
    returns: str | None,
) -> str:
    parts = [f'<{kind} Name="{name}"{" IsBound=" + chr(34) + "true" + chr(34) if bound else ""}>']
    if bound:
        parts.append(f'<Parameter Name="entity" Type="mscrm.{bound}" Nullable="false" />')
    for parameter, type_name, nullable in parameters:
        required = "" if nullable else ' Nullable="false"'
        parts.append(f'<Parameter Name="{parameter}" Type="{type_name}"{required} />')
    if returns:
        parts.append(f'<ReturnType Type="{returns}" Nullable="false" />')
    return "".join(parts) + f"</{kind}>"


def _bulk_action(table: Table, name: str) -> str:
    returns = '<ReturnType Type="mscrm.CreateMultipleResponse" />' if name == "CreateMultiple" else ""
    return (
        f'<Action Name="{name}" IsBound="true">'
        f'<Parameter Name="entityset" Type="Collection(mscrm.{table.name})" Nullable="false" />'
        f'<Parameter Name="Targets" Type="Collection(mscrm.{table.name})" Nullable="false" />'
        f"{returns}</Action>"
    )


def _container(
    catalogue: Catalogue,
    tables: list[Table],
    operations: list[tuple[str, str, str | None, tuple[tuple[str, str, bool], ...], str | None]],
    hidden: frozenset[str],
) -> str:
    parts = ['<EntityContainer Name="System">']
    for table in tables:
        parts.append(f'<EntitySet Name="{table.set_name}" EntityType="Microsoft.Dynamics.CRM.{table.name}">')
        for single in catalogue.singles(table).values():
            if single.name != "ownerid" and single.targets[0] not in hidden:
                target = catalogue.tables[single.targets[0]].set_name
                parts.append(f'<NavigationPropertyBinding Path="{single.name}" Target="{target}" />')
        for collection in catalogue.collections(table).values():
            if collection.table not in hidden:
                target = catalogue.tables[collection.table].set_name
                parts.append(f'<NavigationPropertyBinding Path="{collection.name}" Target="{target}" />')
        parts.append("</EntitySet>")
    for kind, name, bound, _, _ in operations:
        if bound is None:
            parts.append(f'<{kind}Import Name="{name}" {kind}="Microsoft.Dynamics.CRM.{name}" />')
    return "".join(parts) + "</EntityContainer>"
