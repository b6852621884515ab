"""Contact data fields: the account's own columns (v2 only; contract §2)."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

import msgspec

from syncline.dotdigital.limits import MEDIUM
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded
from syncline.remote import Rejected

FieldType = Literal["String", "Numeric", "Date", "Boolean"]
Visibility = Literal["Private", "Public"]


class DataField(msgspec.Struct, frozen=True):
    """`default_value` is used when campaigns are rendered and may come back empty although it is set."""

    name: str
    type: str
    visibility: str
    default_value: Any = None


class DataFieldDeletion(msgspec.Struct, frozen=True):
    """`dependencies` says in words what still uses the field, where it was not deleted."""

    deleted: bool
    dependencies: list[str]


class DataFields(OnSession):
    """There is no call that changes a field."""

    def data_fields(self) -> list[DataField]:
        """All fields of the account, built-in ones included; names in upper case."""
        found = self._session.json(call_to("GET", "/v2/data-fields"))
        return [_field(folded(entry)) for entry in found or []]

    def create_data_field(
        self, name: str, type: FieldType, *, visibility: Visibility = "Private", default_value: Any = None
    ) -> DataField:
        """Raises `Rejected` for a bad, reserved or taken name. Not repeated after a lost answer."""
        body: dict[str, Any] = {"name": name, "type": type, "visibility": visibility}
        if default_value is not None:
            body["defaultValue"] = default_value
        call = call_to("POST", "/v2/data-fields", body=body, record=f"Data field {name}", tier=MEDIUM)
        found = self._session.json(call)
        return _field({**folded(body), **folded(found or {})})

    def delete_data_field(self, name: str) -> DataFieldDeletion:
        """A field in use is not deleted; the answer says what uses it."""
        path = f"/v2/data-fields/{quote(name, safe='')}"
        try:
            found = self._session.json(
                call_to(
                    "DELETE", path, route="/v2/data-fields/{name}", record=f"Data field {name}", tier=MEDIUM
                )
            )
        except Rejected as error:
            if error.status != 409:
                raise
            return DataFieldDeletion(deleted=False, dependencies=[error.reason])
        answer = folded(found or {})
        users = [_dependency(entry) for entry in answer.get("dependencies") or []]
        return DataFieldDeletion(deleted=bool(answer.get("result", True)), dependencies=users)


def _field(found: dict[str, Any]) -> DataField:
    return DataField(
        name=str(found["name"]).upper(),
        type=str(found.get("type") or "String").capitalize(),
        visibility=str(found.get("visibility") or "Private").capitalize(),
        default_value=found.get("defaultvalue"),
    )


def _dependency(entry: Any) -> str:
    """Text in one definition, an object of type and id in the other."""
    if not isinstance(entry, dict):
        return str(entry)
    found = folded(entry)
    return f"Used in {found.get('type')} {found.get('objectid')}"
