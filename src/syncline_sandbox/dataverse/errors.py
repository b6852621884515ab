"""The Web API's error answers, one constructor a situation.

Codes and texts follow the error table of Microsoft's public documentation and the ErrorCodes enumeration; the
README says which of them are assumed.
"""

from __future__ import annotations


class DataverseError(Exception):
    """Ends a request with this HTTP status and error body."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


BAD_REQUEST = "0x80060888"
PAYLOAD = "0x80048d19"
INVALID_ARGUMENT = "0x80040203"


def bad_request(message: str, code: str = BAD_REQUEST) -> DataverseError:
    return DataverseError(400, code, message)


def invalid_argument(message: str) -> DataverseError:
    return DataverseError(400, INVALID_ARGUMENT, message)


def unknown_segment(name: str) -> DataverseError:
    return DataverseError(404, "0x8006088a", f"Resource not found for the segment '{name}'.")


def unknown_route(uri: str) -> DataverseError:
    return DataverseError(404, "", f"No HTTP resource was found that matches the request URI '{uri}'.")


def method_not_allowed(method: str) -> DataverseError:
    return DataverseError(405, "0x0", f"The requested resource does not support http method '{method}'.")


def unsupported_message(message: str, table: str) -> DataverseError:
    return DataverseError(
        400, "0x80040800", f"The '{message}' method does not support entities of type '{table}'."
    )


def unknown_property(name: str, type_name: str) -> DataverseError:
    return DataverseError(400, "0x0", f"Could not find a property named '{name}' on type '{type_name}'.")


def unknown_body_property(name: str, type_name: str) -> DataverseError:
    return DataverseError(
        400,
        "0x0",
        "An error occurred while validating input parameters: Microsoft.OData.ODataException: Does not "
        f"support untyped value in non-open type. Invalid property '{name}' was found in entity "
        f"'{type_name}'.",
    )


def undeclared_annotation(name: str, set_name: str) -> DataverseError:
    return DataverseError(
        400,
        PAYLOAD,
        f"Error identified in Payload provided by the user for Entity :'{set_name}', For more information "
        "on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  "
        f"---->  InnerException is : Microsoft.OData.ODataException: An undeclared property '{name}' which "
        "only has property annotations in the payload but no property value was found in the payload. In "
        "OData, only declared navigation properties and declared named streams can be represented as "
        "properties without values.",
    )


def bad_payload(set_name: str, reason: str) -> DataverseError:
    return DataverseError(
        400,
        PAYLOAD,
        f"Error identified in Payload provided by the user for Entity :'{set_name}', For more information "
        "on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  "
        f"---->  InnerException is : {reason}",
    )


def row_missing(table: str, row_id: str) -> DataverseError:
    return DataverseError(404, "0x80040217", f"{table} With Id = {row_id} Does Not Exist")


def key_undefined(type_name: str) -> DataverseError:
    return DataverseError(
        400,
        BAD_REQUEST,
        f"The key in the request URI is not valid for resource '{type_name}'. Ensure that the names and "
        "number of key properties match the declared or alternate key properties for the resource "
        f"'{type_name}'.",
    )


def row_by_key_missing(table: str) -> DataverseError:
    return DataverseError(
        404, "0x80060891", f"A record with the specified key values does not exist in {table} entity"
    )


def key_violated(key: str, columns: list[str]) -> DataverseError:
    return DataverseError(
        412,
        "0x80060892",
        f"Entity Key {key} violated. A record with the same value for {', '.join(columns)} already exists. A "
        "duplicate record cannot be created. Select one or more unique values and try again.",
    )


def duplicate_id() -> DataverseError:
    return DataverseError(412, "0x80040237", "A record with matching key values already exists.")


def version_mismatch() -> DataverseError:
    return DataverseError(
        412,
        "0x80060882",
        "The version of the existing record doesn't match the RowVersion property provided.",
    )


def concurrency_not_enabled(table: str) -> DataverseError:
    return DataverseError(
        400,
        "0x80060883",
        f"Optimistic concurrency isn't enabled for entity type {table}. The IfVersionMatches value of "
        "ConcurrencyBehavior can only be used if optimistic concurrency is enabled.",
    )


def duplicate_found() -> DataverseError:
    return DataverseError(
        412,
        "0x80040333",
        "A record was not created or updated because a duplicate of the current record already exists.",
    )


def text_too_long(column: str, table: str, limit: int) -> DataverseError:
    return DataverseError(
        400,
        "0x80044331",
        f"A validation error occurred.  The length of the '{column}' attribute of the '{table}' entity "
        f"exceeded the maximum allowed length of '{limit}'.",
    )


def out_of_range(column: str, value: object, low: object, high: object) -> DataverseError:
    return DataverseError(
        400,
        "0x80044331",
        f"A validation error occurred.  The value '{value}' of '{column}' is outside the valid range "
        f"({low} - {high}).",
    )


def bad_option(value: object, column: str, table: str) -> DataverseError:
    return DataverseError(
        400,
        "0x8004431a",
        f"A validation error occurred.  The value {value} of '{column}' on record of type '{table}' is "
        "outside the valid range.",
    )


def bad_status(status: int, state: int, table: str, row_id: str | None) -> DataverseError:
    where = f" on {table} with Id {row_id}." if row_id else "."
    return DataverseError(
        400, "0x80048408", f"{status} is not a valid status code for state code {state}{where}"
    )


def missing_value(column: str, table: str) -> DataverseError:
    return DataverseError(
        400, INVALID_ARGUMENT, f"Attribute: {column} of entity: {table} is required and cannot be null."
    )


def blocked_by_child(table: str) -> DataverseError:
    return DataverseError(
        400,
        "0x80040227",
        "The object you tried to delete is associated with another object and cannot be deleted. "
        f"(referenced by {table})",
    )


def plugin_refused(message: str) -> DataverseError:
    return DataverseError(400, "0x80040265", message)


def privilege_missing(user_id: str, privilege: str, table: str, type_code: int, roles: int) -> DataverseError:
    return DataverseError(
        403,
        "0x80040220",
        f"Principal user (Id={user_id}, type=8, roleCount={roles}, privilegeCount=0, accessMode=4) is "
        f"missing {privilege} privilege on OTC={type_code} for entity '{table}'. context.Caller={user_id}",
    )


def tracking_off(table: str) -> DataverseError:
    return DataverseError(
        400, "0x80072491", f"Change tracking is not enabled for entity: '{table}'. Enable it and try again."
    )


def tracking_option(option: str) -> DataverseError:
    return bad_request(f'The "{option}" query parameter isn\'t supported when Change Tracking is enabled.')


def delta_expired() -> DataverseError:
    return DataverseError(
        400,
        "0x80044352",
        "Version stamp associated with the client has expired. Please perform a full sync.",
    )


def unauthorized(message: str, challenge: str) -> DataverseError:
    return DataverseError(401, "0x8005f101", message, {"WWW-Authenticate": challenge})
