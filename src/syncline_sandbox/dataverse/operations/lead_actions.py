"""QualifyLead and Merge."""

from __future__ import annotations

from typing import Any

from syncline_sandbox.dataverse.errors import DataverseError, bad_request
from syncline_sandbox.dataverse.http import Reply, Request, json_reply, no_content
from syncline_sandbox.dataverse.operations import rows
from syncline_sandbox.dataverse.organisation import Organisation
from syncline_sandbox.dataverse.query.options import Options
from syncline_sandbox.dataverse.rows import addressing, computing
from syncline_sandbox.dataverse.rows.writing import RowWriter
from syncline_sandbox.dataverse.schema.model import Table

_NAMESPACE = "#Microsoft.Dynamics.CRM."
_COPIED = (
    "firstname",
    "lastname",
    "middlename",
    "salutation",
    "jobtitle",
    "emailaddress1",
    "emailaddress2",
    "emailaddress3",
    "telephone1",
    "mobilephone",
    "websiteurl",
    "description",
    "donotbulkemail",
    "donotemail",
    "donotphone",
    "donotfax",
    "donotpostalmail",
    "donotsendmm",
    "address1_line1",
    "address1_line2",
    "address1_city",
    "address1_stateorprovince",
    "address1_postalcode",
    "address1_country",
)
_MERGEABLE = ("account", "contact", "lead")


def qualify_lead(organisation: Organisation, request: Request, lead_id: str) -> Reply:
    """Makes account, contact and opportunity as asked, and closes the lead as qualified."""
    body = request.json()
    for name in ("CreateAccount", "CreateContact", "CreateOpportunity", "Status"):
        if name not in body:
            raise bad_request(f"Required field '{name}' is missing for bound action.", "0x80040203")
    writer = rows.writer_for(organisation, request)
    tables = organisation.catalogue.tables
    lead = writer.stored(tables["lead"], lead_id)
    if lead["statecode"] != 0:
        raise DataverseError(400, "0x80040203", "The lead is already closed.")
    made: list[tuple[Table, str]] = []
    account_id = contact_id = None
    if body["CreateAccount"] and lead["companyname"]:
        account_id = _make(writer, tables["account"], _account_of(lead, lead_id))
        made.append((tables["account"], account_id))
    if body["CreateContact"]:
        contact_id = _make(writer, tables["contact"], _contact_of(lead, lead_id, account_id))
        made.append((tables["contact"], contact_id))
    if body["CreateOpportunity"]:
        opportunity = {"name": lead["subject"] or lead["fullname"] or "Opportunity"}
        opportunity_id = writer.create(tables["opportunity"], opportunity)
        customer = account_id or contact_id
        links = {
            "originatingleadid": lead_id,
            "customerid": customer,
            "customerid__table": None if customer is None else "account" if account_id else "contact",
        }
        writer.write(tables["opportunity"], opportunity_id, links)
        made.append((tables["opportunity"], opportunity_id))
    status = int(body["Status"])
    values: dict[str, Any] = {"statecode": 1, "statuscode": status if status > 0 else 3}
    computing.settle_state(tables["lead"], values, lead, lead_id)
    writer.write(tables["lead"], lead_id, values)
    request.rows = len(made)
    found = []
    for table, row_id in made:
        row = rows.load(organisation, request, table, row_id, Options(select=(table.primary_id,)))
        found.append({"@odata.type": _NAMESPACE + table.name, **(row or {})})
    context = f"{request.base_url}/$metadata#Collection(Microsoft.Dynamics.CRM.crmbaseentity)"
    return json_reply({"@odata.context": context, "value": found})


def _account_of(lead: dict[str, Any], lead_id: str) -> dict[str, Any]:
    return {
        "name": lead["companyname"],
        "telephone1": lead["telephone1"],
        "websiteurl": lead["websiteurl"],
        "originatingleadid": lead_id,
    }


def _contact_of(lead: dict[str, Any], lead_id: str, account_id: str | None) -> dict[str, Any]:
    values = {name: lead[name] for name in _COPIED}
    values["originatingleadid"] = lead_id
    if account_id is not None:
        values |= {"parentcustomerid": account_id, "parentcustomerid__table": "account"}
    return values


def _make(writer: RowWriter, table: Table, stored: dict[str, Any]) -> str:
    """A row from stored values; what they cannot say in a payload is written behind it."""
    row_id = writer.create(table, {})
    values = {name: value for name, value in stored.items() if value is not None}
    computing.compute(table, values, {})
    writer.write(table, row_id, values)
    return row_id


def merge(organisation: Organisation, request: Request) -> Reply:
    """``Merge``: the subordinate becomes inactive and points at the target, which takes over some values."""
    body = request.json()
    target, table = _merged(organisation, body, "Target")
    subordinate, other = _merged(organisation, body, "Subordinate")
    if table.name != other.name or table.name not in _MERGEABLE or target == subordinate:
        raise bad_request("Target and Subordinate have to be two rows of the same table.", "0x80040203")
    writer = rows.writer_for(organisation, request)
    for row_id in (target, subordinate):
        if not writer.stored(table, row_id):
            raise DataverseError(404, "0x80040217", f"{table.name} With Id = {row_id} Does Not Exist")
    content = body.get("UpdateContent")
    if isinstance(content, dict):
        writer.update(table, target, {k: v for k, v in content.items() if not k.startswith("@")})
    inactive = 2 if table.name == "lead" else 1
    values: dict[str, Any] = {"statecode": inactive, "merged": 1, "masterid": target}
    computing.settle_state(table, values, {}, subordinate)
    writer.write(table, subordinate, values)
    request.rows = 2
    return no_content()


def _merged(organisation: Organisation, body: dict[str, Any], name: str) -> tuple[str, Table]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise bad_request(f"Required field '{name}' is missing for unbound action.", "0x80040203")
    kind = str(value.get("@odata.type", "")).lstrip("#").removeprefix("Microsoft.Dynamics.CRM.")
    table = organisation.catalogue.table(kind)
    return addressing.entity_reference(table, value), table
