"""The actions on marketing lists."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.lists.membership import MEMBER_TABLES, MarketingList
from syncline_sandbox.dataverse.operations import rows
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.options import Options
from syncline_sandbox.dataverse.query.values import guid
from syncline_sandbox.dataverse.rows import addressing
from syncline_sandbox.dataverse.rows.writing import RowWriter
from syncline_sandbox.dataverse.schema.model import Table

_TYPE = "@odata.type"
_NAMESPACE = "Microsoft.Dynamics.CRM."


def add_list_members(organisation: Organisation, request: Request) -> Reply:
    """``AddListMembersList`` with ``List`` and ``Members``: all or none."""
    marketing_list, members = _many(organisation, request)
    marketing_list.require_changeable()
    for table, _ in members:
        marketing_list.require_member_type(table)
    marketing_list.add([row_id for _, row_id in members])
    return no_content()


def remove_list_members(organisation: Organisation, request: Request) -> Reply:
    """``RemoveListMembersList``, shaped like its counterpart (assumed; the body is not documented)."""
    marketing_list, members = _many(organisation, request)
    marketing_list.require_changeable()
    for table, row_id in members:
        marketing_list.require_member_type(table)
        marketing_list.remove(row_id)
    return no_content()


def _many(organisation: Organisation, request: Request) -> tuple[MarketingList, list[tuple[Table, str]]]:
    body = request.json()
    writer = rows.writer_for(organisation, request)
    list_table = organisation.catalogue.tables["list"]
    list_id = addressing.entity_reference(list_table, _parameter(body, "List"))
    members = _parameter(body, "Members")
    if not isinstance(members, list):
        raise bad_request("The parameter 'Members' has to be an array.", "0x80048d19")
    request.rows = len(members)
    found = [_member(organisation, writer, member) for member in members]
    return MarketingList(writer, list_id), found


def _parameter(body: dict[str, Any], name: str) -> Any:
    if name not in body:
        raise bad_request(f"Required field '{name}' is missing for unbound action.", "0x80040203")
    return body[name]


def _member(organisation: Organisation, writer: RowWriter, member: Any) -> tuple[Table, str]:
    if not isinstance(member, dict):
        raise bad_request("A member has to be an entity.", "0x80048d19")
    kind = str(member.get(_TYPE, "")).lstrip("#").removeprefix(_NAMESPACE)
    table = organisation.catalogue.tables.get(kind)
    if table is None:
        # Without a type the id's name tells the table.
        names = (organisation.catalogue.tables[name] for name in MEMBER_TABLES.values())
        table = next((found for found in names if found.primary_id in member), None)
    if table is None:
        raise bad_request(
            f"A type named '{member.get(_TYPE)}' could not be resolved by the model.", "0x80048d19"
        )
    writer.refuse_poison(table, member)
    return table, addressing.entity_reference(table, member)


def add_member(organisation: Organisation, request: Request, list_id: str) -> Reply:
    """``AddMemberList`` with ``EntityId``; answers the listmember's id."""
    writer = rows.writer_for(organisation, request)
    marketing_list = MarketingList(writer, list_id)
    marketing_list.require_changeable()
    entity_id = _entity_id(request.json())
    writer.refuse_poison(marketing_list.member_table, {"EntityId": entity_id})
    _require_own_type(organisation, marketing_list, entity_id)
    member_id = marketing_list.add([entity_id])[0]
    request.rows = 1
    return json_reply(
        {
            "@odata.context": f"{request.base_url}/$metadata#Microsoft.Dynamics.CRM.AddMemberListResponse",
            "Id": member_id,
        }
    )


def _require_own_type(organisation: Organisation, marketing_list: MarketingList, entity_id: str) -> None:
    """An id alone does not tell its table: look where it lives before complaining that it is missing."""
    for name in MEMBER_TABLES.values():
        table = organisation.catalogue.tables[name]
        key = table.primary_id
        found = organisation.database.value(f"SELECT 1 FROM {name} WHERE {key} = ?", (entity_id,))
        if found is not None:
            marketing_list.require_member_type(table)


def remove_member(organisation: Organisation, request: Request, list_id: str) -> Reply:
    """``RemoveMemberList``: the member as ``ListMember`` or, as the SDK's message has it, as ``EntityId``."""
    writer = rows.writer_for(organisation, request)
    marketing_list = MarketingList(writer, list_id)
    marketing_list.require_changeable()
    body = request.json()
    if isinstance(body.get("ListMember"), dict):
        entity_id = _list_member_id(organisation, marketing_list, body["ListMember"])
    else:
        entity_id = _entity_id(body)
    writer.refuse_poison(marketing_list.member_table, {"EntityId": entity_id})
    marketing_list.remove(entity_id)
    request.rows = 1
    return no_content()


def _list_member_id(organisation: Organisation, marketing_list: MarketingList, member: dict[str, Any]) -> str:
    """The id of the person. In use is ``listmemberid`` with the person's own; a listmember's is taken too."""
    names = ("listmemberid", marketing_list.member_table.primary_id, "entityid")
    text = next((member[name] for name in names if isinstance(member.get(name), str)), None)
    if text is None:
        raise bad_request("The parameter 'ListMember' needs the property 'listmemberid'.", "0x80048d19")
    given = guid(text)
    entity_id = organisation.database.value(
        "SELECT entityid FROM listmember WHERE listmemberid = ? AND listid = ?", (given, marketing_list.id)
    )
    return entity_id or given


def _entity_id(body: dict[str, Any]) -> str:
    value = body.get("EntityId")
    if not isinstance(value, str):
        raise bad_request("Required field 'EntityId' is missing for bound action.", "0x80040203")
    return guid(value)


def copy_dynamic_to_static(organisation: Organisation, request: Request, list_id: str) -> Reply:
    """``CopyDynamicListToStatic``: a new static list with who the query finds now."""
    writer = rows.writer_for(organisation, request)
    source = MarketingList(writer, list_id)
    if not source.is_dynamic:
        raise DataverseError(
            400, "0x8004f704", "You cannot copy a static list. Only dynamic lists can be copied."
        )
    body = {
        "listname": source.row["listname"],
        "createdfromcode": source.row["createdfromcode"],
        "type": False,
    }
    if source.row["purpose"]:
        body["purpose"] = source.row["purpose"]
    copy_id = writer.create(source.table, body)
    copy = MarketingList(writer, copy_id)
    members = source.member_ids()
    copy.add(members)
    request.rows = len(members)
    row = rows.load(organisation, request, source.table, copy_id, Options(select=("listid",)))
    context = f"{request.base_url}/$metadata#lists/$entity"
    return json_reply(
        {"@odata.context": context, "@odata.type": "#Microsoft.Dynamics.CRM.list", **(row or {})}
    )


def copy_members(organisation: Organisation, request: Request, list_id: str) -> Reply:
    """``CopyMembersList`` with ``TargetList``."""
    writer = rows.writer_for(organisation, request)
    source = MarketingList(writer, list_id)
    body = request.json()
    target_id = addressing.entity_reference(source.table, _parameter(body, "TargetList"))
    target = MarketingList(writer, target_id)
    target.require_changeable()
    target.require_member_type(source.member_table)
    members = source.member_ids()
    known = set(target.member_ids())
    target.add([row_id for row_id in members if row_id not in known])
    request.rows = len(members)
    return no_content()


def delete_membership(organisation: Organisation, request: Request, member_id: str) -> Reply:
    """``DELETE /listmembers(id)``."""
    writer = rows.writer_for(organisation, request)
    list_id = organisation.database.value(
        "SELECT listid FROM listmember WHERE listmemberid = ?", (member_id,)
    )
    marketing_list = MarketingList(writer, list_id)
    marketing_list.require_changeable()
    marketing_list.remove_membership(member_id)
    request.rows = 1
    return no_content()
