"""The client as callers see it: one object for one environment."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import msgspec

from syncline.dataverse.changes import Changes
from syncline.dataverse.comparing import Comparing
from syncline.dataverse.deleting import Deleting
from syncline.dataverse.environment import Environment
from syncline.dataverse.lists import Lists
from syncline.dataverse.metadata import Metadata
from syncline.dataverse.privileges import Privileges
from syncline.dataverse.schema import Schema
from syncline.dataverse.session import Call, Session
from syncline.dataverse.writing import Writing
from syncline.remote import Clock, Limiter, Patience


class WhoAmI(msgspec.Struct, frozen=True):
    """Whom the environment takes us for; rows that we write have this user as `_modifiedby_value`."""

    user_id: str = msgspec.field(name="UserId")
    business_unit_id: str = msgspec.field(name="BusinessUnitId")
    organization_id: str = msgspec.field(name="OrganizationId")


class Organization(msgspec.Struct, frozen=True, rename="pascal"):
    """The environment's own description of itself."""

    organization_id: str
    friendly_name: str = ""
    unique_name: str = ""
    url_name: str = ""
    organization_version: str = ""
    environment_id: str = ""


class _Version(msgspec.Struct):
    version: str = msgspec.field(name="Version")


class _Detail(msgspec.Struct):
    detail: Organization = msgspec.field(name="Detail")


class Dataverse(Writing, Comparing, Deleting, Changes, Lists, Metadata, Schema, Privileges):
    """A client of one Dataverse environment; safe to share between threads; close it when done.

    `limiter` is asked before every request and shown every answer: pass one that all workers share.
    `patience` bounds how long a single call waits before its `Retryable` goes to the caller.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        limiter: Limiter | None = None,
        patience: Patience | None = None,
        clock: Clock | None = None,
        read_timeout_s: float = 130.0,
    ) -> None:
        self._session = Session(
            environment, limiter=limiter, patience=patience, clock=clock, read_timeout_s=read_timeout_s
        )
        self._supported = {}
        self._remove_parameters = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Dataverse({self.environment.root})"

    def close(self) -> None:
        self._session.close()

    @property
    def environment(self) -> Environment:
        return self._session.environment

    def sign_in(self) -> None:
        """Get an access token now. Raises `Misconfigured` with the remedy where there is none to be had."""
        self._session.sign_in()

    def who_am_i(self) -> WhoAmI:
        return self._session.get("WhoAmI", WhoAmI)

    def version(self) -> str:
        """For example 9.2.24051.00168."""
        return self._session.get("RetrieveVersion()", _Version).version

    def organization(self) -> Organization:
        access = "Microsoft.Dynamics.CRM.EndpointAccessType'Default'"
        path = f"RetrieveCurrentOrganization(AccessType=@p1)?@p1={access}"
        return self._session.get(path, _Detail).detail

    def server_time(self) -> datetime | None:
        """The service's own time, UTC, to the second; None where it does not send one."""
        date = self._session.send(Call(method="GET", path="WhoAmI")).headers.get("Date")
        return None if date is None else parsedate_to_datetime(date).astimezone(UTC)
