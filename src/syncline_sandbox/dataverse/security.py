"""Who may do what: the application user, its role, and single privileges that a test takes away."""

from __future__ import annotations

from syncline_sandbox.dataverse.errors import DataverseError, privilege_missing
from syncline_sandbox.dataverse.organisation import APPLICATION_USER_ID, Organisation
from syncline_sandbox.dataverse.schema.model import Table

# Privileges are named after the table that they are about; activities share one set.
_ACTIVITY = "Activity"
_SAME_AS = {"listmember": "List"}


def privilege_name(table: Table, access: str) -> str:
    """``prvReadContact``."""
    name = _ACTIVITY if table.is_activity else _SAME_AS.get(table.name, table.schema_name)
    return f"prv{access}{name}"


class Guard:
    """Checks the privileges of one user."""

    def __init__(self, organisation: Organisation, user_id: str) -> None:
        self._organisation = organisation
        self._user_id = user_id
        # Denials are about the application user; people of the organisation may do everything.
        settings = organisation.settings
        self._denied = frozenset(settings.denied) if user_id == APPLICATION_USER_ID else frozenset()

    def require(self, table: Table, access: str) -> None:
        """Raises 403 when the privilege was taken away."""
        if not self._denied:
            return
        name = privilege_name(table, access)
        if name in self._denied:
            raise privilege_missing(self._user_id, name, table.name, table.type_code, 1)

    def require_organisation_read(self, table: Table) -> None:
        """Change tracking wants Read at the depth of the whole organisation."""
        self.require(table, "Read")
        name = f"{privilege_name(table, 'Read')}"
        if f"{name}:Global" in self._denied:
            raise privilege_missing(self._user_id, name, table.name, table.type_code, 1)


def require_active_user(organisation: Organisation, user_id: str) -> None:
    """Raises 403 for a user that is unknown, disabled or without a role."""
    row = organisation.database.row("SELECT isdisabled FROM systemuser WHERE systemuserid = ?", (user_id,))
    settings = organisation.settings
    application = user_id == APPLICATION_USER_ID
    if row is None:
        raise DataverseError(403, "0x80072560", "The user is not a member of the organization.")
    if row[0] or (application and settings.user_disabled):
        raise DataverseError(
            403, "0x80040225", f"The specified user(Id = {user_id}) is disabled. Consider enabling this user."
        )
    if application and not settings.has_role:
        raise DataverseError(
            403,
            "0x80042f09",
            f"The user with id={user_id} has not been assigned any security roles.",
        )
