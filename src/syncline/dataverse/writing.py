"""Writing one row at a time."""

from __future__ import annotations

import re
from typing import Any

from syncline.dataverse import addresses
from syncline.dataverse.addresses import Key
from syncline.dataverse.errors import NotFound, PreconditionFailed
from syncline.dataverse.session import Call, OnSession
from syncline.remote import Permanent

_ENTITY_ID = re.compile(r"\(([0-9a-fA-F-]{36})\)\s*\Z")


class Writing(OnSession):
    """PATCH and DELETE are repeated after a lost answer; a plain create is not, so prefer `create_once`."""

    def create(self, set_: str, row: dict[str, Any]) -> str:
        """A new row; its id. After a lost answer it may exist: `Retryable` with `outcome_unknown`."""
        what = f"a new row of {set_}"
        response = self._session.send(Call(method="POST", path=addresses.name(set_), body=row, record=what))
        return id_from(response.headers.get("OData-EntityId", ""), what)

    def create_once(self, set_: str, id_: str, row: dict[str, Any]) -> bool:
        """A new row under an id of our choice; False where there is one already, which is left as it is."""
        address, absent = addresses.row(set_, id_), {"If-None-Match": "*"}
        call = Call(method="PATCH", path=address, body=row, headers=absent, record=address)
        try:
            self._session.send(call)
        except PreconditionFailed:
            return False
        return True

    def update(self, set_: str, key: Key, changes: dict[str, Any], *, etag: str = "*") -> None:
        """Change an existing row, never create one.

        Raises `NotFound`, and `PreconditionFailed` where the row is no longer the one that `etag` names.
        """
        address, present = addresses.row(set_, key), {"If-Match": etag}
        self._session.send(Call(method="PATCH", path=address, body=changes, headers=present, record=address))

    def upsert(self, set_: str, key: Key, row: dict[str, Any]) -> None:
        """Change the row, or create it with this key."""
        address = addresses.row(set_, key)
        self._session.send(Call(method="PATCH", path=address, body=row, record=address))

    def delete(self, set_: str, key: Key, *, etag: str | None = None) -> bool:
        """Delete the row; False where it was gone already."""
        address, headers = addresses.row(set_, key), {"If-Match": etag} if etag else {}
        try:
            self._session.send(Call(method="DELETE", path=address, headers=headers, record=address))
        except NotFound:
            return False
        return True


def id_from(entity_id: str, what: str) -> str:
    """The id at the end of an `OData-EntityId` header."""
    found = _ENTITY_ID.search(entity_id)
    if found is None:
        raise Permanent(f"Dataverse created {what} and did not say under which id")
    return found.group(1).lower()
