"""Functions of the organisation: who am I, which version, how many rows."""

from __future__ import annotations

from collections.abc import Mapping

from syncline_sandbox.dataverse.errors import bad_request
from syncline_sandbox.dataverse.http import Reply, Request, json_reply
from syncline_sandbox.dataverse.metadata.privileges import privileges_of
from syncline_sandbox.dataverse.organisation import BUSINESS_UNIT_ID, ORGANIZATION_ID, Organisation
from syncline_sandbox.dataverse.query.expressions import ListLiteral, Literal
from syncline_sandbox.dataverse.query.options import split_outside
from syncline_sandbox.dataverse.query.parser import parse_value
from syncline_sandbox.dataverse.storage.database import quoted

VERSION = "9.2.24084.00154"
_METADATA = "$metadata#Microsoft.Dynamics.CRM"
Arguments = dict[str, Literal | ListLiteral]


def read_arguments(text: str, aliases: Mapping[str, str]) -> Arguments:
    """``A=@p1,B='x'`` from between the brackets of a function call."""
    found: Arguments = {}
    for piece in split_outside(text, ","):
        name, equals, value = piece.partition("=")
        if not equals:
            raise bad_request(f"Bad Request - Error in query syntax. ('{piece}')")
        found[name.strip()] = parse_value(value.strip(), aliases)
    return found


def who_am_i(organisation: Organisation, request: Request, arguments: Arguments) -> Reply:
    unit = organisation.caller(request.user_id).business_unit_id
    return json_reply(
        {
            "@odata.context": f"{request.base_url}/{_METADATA}.WhoAmIResponse",
            "BusinessUnitId": unit,
            "UserId": request.user_id,
            "OrganizationId": ORGANIZATION_ID,
        }
    )


def version(organisation: Organisation, request: Request, arguments: Arguments) -> Reply:
    return json_reply(
        {"@odata.context": f"{request.base_url}/{_METADATA}.RetrieveVersionResponse", "Version": VERSION}
    )


def current_organization(organisation: Organisation, request: Request, arguments: Arguments) -> Reply:
    root = request.base_url.split("/api/data/")[0]
    endpoints = {
        "WebApplication": f"{root}/",
        "OrganizationService": f"{root}/XRMServices/2011/Organization.svc",
        "OrganizationDataService": f"{root}/XRMServices/2011/OrganizationData.svc",
    }
    name = organisation.database.value("SELECT name FROM organization") or "Sandbox"
    return json_reply(
        {
            "@odata.context": f"{request.base_url}/{_METADATA}.RetrieveCurrentOrganizationResponse",
            "Detail": {
                "OrganizationId": ORGANIZATION_ID,
                "FriendlyName": name,
                "OrganizationVersion": VERSION,
                "EnvironmentId": ORGANIZATION_ID,
                "DatacenterId": BUSINESS_UNIT_ID,
                "Geo": "EUR",
                "TenantId": ORGANIZATION_ID,
                "UrlName": "sandbox",
                "UniqueName": "sandbox",
                "State": "Enabled",
                "OrganizationType": "CustomerTest",
                "Endpoints": {
                    "Count": len(endpoints),
                    "IsReadOnly": False,
                    "Keys": list(endpoints),
                    "Values": list(endpoints.values()),
                },
            },
        }
    )


def available_languages(organisation: Organisation, request: Request, arguments: Arguments) -> Reply:
    return _languages(request, "RetrieveAvailableLanguagesResponse", "LocaleIds")


def provisioned_languages(organisation: Organisation, request: Request, arguments: Arguments) -> Reply:
    return _languages(request, "RetrieveProvisionedLanguagesResponse", "RetrieveProvisionedLanguages")


def _languages(request: Request, response: str, name: str) -> Reply:
    """Every label here is English (LCID 1033)."""
    return json_reply({"@odata.context": f"{request.base_url}/{_METADATA}.{response}", name: [1033]})


def total_record_count(organisation: Organisation, request: Request, arguments: Arguments) -> Reply:
    names = arguments.get("EntityNames")
    if not isinstance(names, ListLiteral):
        raise bad_request("The parameter 'EntityNames' has to be an array of logical names.", "0x80040203")
    tables = [organisation.catalogue.table(str(name.value)) for name in names.items]
    counts = [organisation.database.value(f"SELECT count(*) FROM {quoted(table.name)}") for table in tables]
    return json_reply(
        {
            "@odata.context": f"{request.base_url}/{_METADATA}.RetrieveTotalRecordCountResponse",
            "EntityRecordCountCollection": {
                "Count": len(tables),
                "IsReadOnly": False,
                "Keys": [table.name for table in tables],
                "Values": counts,
            },
        }
    )


def user_privileges(organisation: Organisation, request: Request, user_id: str) -> Reply:
    """``systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges``."""
    denied = set(organisation.settings.denied)
    found = []
    for table in organisation.catalogue.tables.values():
        for privilege in privileges_of(table):
            depth = "Basic" if f"{privilege['Name']}:Global" in denied else "Global"
            if privilege["Name"] not in denied:
                found.append(
                    {
                        "Depth": depth,
                        "PrivilegeId": privilege["PrivilegeId"],
                        "BusinessUnitId": BUSINESS_UNIT_ID,
                        "PrivilegeName": privilege["Name"],
                        "RecordFilterId": "00000000-0000-0000-0000-000000000000",
                    }
                )
    return json_reply(
        {
            "@odata.context": f"{request.base_url}/{_METADATA}.RetrieveUserPrivilegesResponse",
            "RolePrivileges": found,
        }
    )


FUNCTIONS = {
    "WhoAmI": who_am_i,
    "RetrieveVersion": version,
    "RetrieveCurrentOrganization": current_organization,
    "RetrieveTotalRecordCount": total_record_count,
    "RetrieveAvailableLanguages": available_languages,
    "RetrieveProvisionedLanguages": provisioned_languages,
}
