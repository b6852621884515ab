"""What every change of metadata needs: the organisation, the request, the solution it goes into."""

from __future__ import annotations

from dataclasses import dataclass

from syncline_sandbox.dataverse.errors import DataverseError
from syncline_sandbox.dataverse.http import Request
from syncline_sandbox.dataverse.metadata.solutions import SolutionShelf
from syncline_sandbox.dataverse.organisation import APPLICATION_USER_ID, Organisation
from syncline_sandbox.dataverse.schema.catalogue import Catalogue
from syncline_sandbox.dataverse.storage.database import Database


@dataclass(frozen=True)
class ChangeContext:
    """Changes asked for by one request."""

    organisation: Organisation
    request: Request
    shelf: SolutionShelf

    @property
    def catalogue(self) -> Catalogue:
        return self.organisation.catalogue

    @property
    def database(self) -> Database:
        return self.organisation.database

    def require(self, privilege: str) -> None:
        """Raises 403 when the application user was denied this privilege."""
        denied = self.organisation.settings.denied
        if privilege in denied and self.request.user_id == APPLICATION_USER_ID:
            raise DataverseError(
                403,
                "0x80040220",
                f"Principal user (Id={self.request.user_id}, type=8) is missing {privilege} privilege.",
            )


def change_context(organisation: Organisation, request: Request, solution: str | None) -> ChangeContext:
    """``solution`` is the unique name of the solution that new components go into."""
    if request.method != "GET":
        # Changes are made to the metadata in memory: a transaction that fails then has to read it anew.
        organisation.catalogue.revision += 1
    return ChangeContext(organisation, request, SolutionShelf(organisation, solution))


def already_exists(kind: str, name: str) -> DataverseError:
    codes = {"entity": "0x80044150", "attribute": "0x80044153", "relationship": "0x80047002"}
    return DataverseError(
        400,
        codes.get(kind, "0x80048403"),
        f"An {kind} with the specified name {name} already exists. Specify a unique name.",
    )
