"""Both sandboxes, an account that joins them, and short words for what tests do to either side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

import httpx2

from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.adding import add_account
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dataverse_client, dotdigital_client
from syncline.accounts.details import AccountDetails
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.dotdigital import Contact, Dotdigital, ImportRow
from syncline.ledger.models import Outcome, Run, Trigger
from syncline.ledger.queue import request_run
from syncline.lists.models import MarketingList
from syncline.mapping.defaults import create_default_mappings
from syncline.syncs.contract import Done, Wait
from syncline.syncs.registry import SYNC_TYPES
from syncline.syncs.running import advance

PRIMARY = {"contacts": "contactid", "leads": "leadid", "accounts": "accountid"}
CODES = {"accounts": 1, "contacts": 2, "leads": 4}
TABLES = {"contacts": "contact", "leads": "lead", "accounts": "account"}


def _nap(seconds: float) -> None:
    time.sleep(min(seconds, 1.0))


class World:
    """One account between the two sandboxes. Imports there finish at once unless a test says otherwise."""

    def __init__(self, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox) -> None:
        self.sandbox_dataverse = dataverse
        self.sandbox_dotdigital = dotdigital
        self.wait: Callable[[float], None] = _nap
        dotdigital.control.settings(import_delay_s=0, import_delay_per_row_s=0)
        self.account = add_account(
            AccountDetails(
                name=f"Northwind {uuid4().hex[:8]}",
                dataverse_url=dataverse.base_url,
                dataverse_authority=dataverse.authority,
                dataverse_ca_file=str(dataverse.ca_file),
                tenant_id=dataverse.tenant_id,
                client_id=dataverse.client_id,
                client_secret=dataverse.client_secret,
                dotdigital_url=dotdigital.base_url,
                dotdigital_user=dotdigital.api_user,
                dotdigital_password=dotdigital.api_password,
            ),
            by=OPERATOR,
            allow_loopback=True,
        )
        create_default_mappings(self.account)
        self.sync("crm_metadata")
        self.sync("labels")

    @property
    def crm(self) -> Dataverse:
        return dataverse_client(self.account)

    @property
    def dd(self) -> Dotdigital:
        return dotdigital_client(self.account)

    # Syncs.

    def start(self, sync_type: str, *, plan_only: bool = False, trigger: Trigger = Trigger.MANUAL) -> Run:
        lane = SYNC_TYPES[sync_type].lane
        return request_run(self.account, sync_type, lane, trigger, plan_only=plan_only).run

    def sync(
        self,
        sync_type: str = "lists_out",
        *,
        plan_only: bool = False,
        trigger: Trigger = Trigger.MANUAL,
        most_steps: int = 2000,
    ) -> Run:
        """Run to the end, as the engine would, and return the run as it then stands."""
        run = self.start(sync_type, plan_only=plan_only, trigger=trigger)
        return self.carry_out(run, most_steps)

    def carry_out(self, run: Run, most_steps: int = 2000) -> Run:
        for _ in range(most_steps):
            answer = advance(str(run.key))
            if isinstance(answer, Done):
                run.refresh_from_db()
                return run
            if isinstance(answer, Wait):
                self.wait(answer.seconds)
        raise AssertionError(f"The run did not end in {most_steps} steps; it stands at {run.position}")

    def outcomes(self, run: Run) -> list[tuple[str, str, str]]:
        rows = Outcome.objects.filter(run=run).order_by("pk")
        return [(row.person_key, row.result, row.reason) for row in rows]

    # Dynamics.

    def add(self, set_name: str, **row: Any) -> str:
        if set_name == "leads":
            row.setdefault("subject", "Enquiry")
        if set_name == "accounts":
            row.setdefault("name", "Company")
        return self.crm.create(set_name, row)

    def add_list(
        self,
        name: str,
        members: Sequence[str] = (),
        *,
        of: str = "contacts",
        query: str = "",
        **settings: Any,
    ) -> MarketingList:
        """A marketing list in Dynamics, activated for e-mail in Syncline."""
        row: dict[str, Any] = {"listname": name, "createdfromcode": CODES[of], "type": bool(query)}
        if query:
            row["query"] = query
        list_id = self.crm.create("lists", row)
        if members:
            self.crm.add_list_members(list_id, TABLES[of], list(members))
        return MarketingList.objects.create(
            account=self.account,
            list_id=list_id,
            name=name,
            entity=TABLES[of],
            dynamic=bool(query),
            activated=True,
            **settings,
        )

    def change(self, set_name: str, record_id: str, **values: Any) -> None:
        self.crm.update(set_name, record_id, values)

    def crm_row(self, set_name: str, record_id: str, *select: str) -> dict[str, Any]:
        return self.crm.get(set_name, record_id, select=select)

    # Dotdigital.

    def contact(self, email: str) -> Contact:
        return self.dd.get_contact(email)

    def contacts(self) -> dict[str, Contact]:
        pages = self.dd.contacts(include=("channelProperties", "lists"), data_fields=("[[ALL]]",))
        return {contact.email: contact for page in pages for contact in page.contacts if contact.email}

    def in_book(self, marketing_list: MarketingList) -> set[str]:
        """Addresses subscribed to the Dotdigital list of a marketing list."""
        marketing_list.refresh_from_db()
        return {
            email
            for email, contact in self.contacts().items()
            for entry in contact.lists
            if entry.id == marketing_list.address_book_id and entry.status == "subscribed"
        }

    def put(self, rows: Iterable[ImportRow]) -> None:
        """Import contacts into Dotdigital as somebody else would."""
        import_id = self.dd.import_contacts(list(rows))
        for _ in range(200):
            if self.dd.import_report(import_id).finished:
                return
            time.sleep(0.05)
        raise AssertionError("The import did not end")

    def take_out(self, marketing_list: MarketingList, contact_id: int) -> None:
        """Somebody takes a contact out of the Dotdigital list by hand, which is not an unsubscribe."""
        job = self.dd.remove_from_list(marketing_list.address_book_id or 0, [contact_id])
        for _ in range(200):
            if self.dd.deletion_status(job) == "Completed":
                return
            time.sleep(0.05)
        raise AssertionError("The removal did not end")

    def unsubscribe_from(self, marketing_list: MarketingList, email: str) -> None:
        """The person leaves one list, as by the link in an e-mail. Syncline itself has no call for that."""
        self._post(
            f"/v2/address-books/{marketing_list.address_book_id}/contacts/unsubscribe", {"email": email}
        )

    def resubscribe(self, email: str) -> None:
        """The person comes back by themselves, as by a form. Syncline itself has no call for that."""
        self._post("/v2/contacts/resubscribe-with-no-challenge", {"unsubscribedContact": {"email": email}})

    def delete_contact(self, email: str) -> None:
        """Somebody deletes a contact from the Dotdigital account. Syncline itself has no call for that."""
        sandbox = self.sandbox_dotdigital
        url = f"{sandbox.base_url}/contacts/v3/email/{email}"
        httpx2.delete(url, auth=(sandbox.api_user, sandbox.api_password), timeout=30).raise_for_status()

    def rename(self, email: str, to: str) -> None:
        """Somebody gives a contact another address in Dotdigital."""
        self._call("PATCH", f"/contacts/v3/email/{email}", {"identifiers": {"email": to}})

    def erase(self, contact_id: int) -> None:
        """Somebody deletes a contact in Dotdigital."""
        self._call("DELETE", f"/contacts/v3/contactId/{contact_id}")

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._call("POST", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        sandbox = self.sandbox_dotdigital
        httpx2.request(
            method,
            sandbox.base_url + path,
            json=body,
            auth=(sandbox.api_user, sandbox.api_password),
            timeout=30,
        ).raise_for_status()

    # What the vendors were asked.

    def forget_calls(self) -> None:
        self.sandbox_dataverse.control.clear_journal()
        self.sandbox_dotdigital.control.clear_journal()

    def writes(self) -> dict[str, int]:
        """Calls that change something, by route, on both sides since `forget_calls`."""
        found: dict[str, int] = {}
        for control in (self.sandbox_dataverse.control, self.sandbox_dotdigital.control):
            for route, numbers in control.journal()["routes"].items():
                if not route.startswith("GET ") and "token" not in route:
                    found[route] = found.get(route, 0) + numbers["calls"]
        return found


def fresh(account: EmailAccount) -> EmailAccount:
    return EmailAccount.objects.get(pk=account.pk)
