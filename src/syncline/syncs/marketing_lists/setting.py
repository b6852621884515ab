"""The account's lists, mappings and rules as one run uses them."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from syncline.accounts.models import EmailAccount
from syncline.ledger.models import Run, Trigger
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.canonical import canonical_form
from syncline.mapping.catalogue import (
    BrokenMapping,
    Catalogue,
    MappedField,
    mapping_fingerprint,
    read_catalogue,
)
from syncline.mapping.models import ConflictRule, Direction, Entity, LabelType
from syncline.mapping.restrictive import is_consent, restrictive_value
from syncline.people import store
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.marketing_lists.needed_columns import needed_columns
from syncline.syncs.marketing_lists.rules import FieldRule, ListRule, NewRows

ENTITY_SETS = {Entity.CONTACT: "contacts", Entity.LEAD: "leads", Entity.ACCOUNT: "accounts"}
PRIMARY_IDS = {Entity.CONTACT: "contactid", Entity.LEAD: "leadid", Entity.ACCOUNT: "accountid"}
MODIFIED_ON = "modifiedon"
PRIMARY_NAMES = {Entity.CONTACT: "fullname", Entity.LEAD: "fullname", Entity.ACCOUNT: "name"}


class Setting:
    """Read afresh at every step, so that a change takes effect at the next safe point; and only what the step
    asks for.
    """

    def __init__(self, account: EmailAccount, run: Run | None = None) -> None:
        """`run`: without one nothing is said about which lists a run leaves out."""
        self._account = account
        self._run = run

    @cached_property
    def lists(self) -> tuple[MarketingList, ...]:
        """Activated lists in synchronisation order."""
        rows = MarketingList.objects.filter(account=self._account, activated=True, active=True)
        return tuple(rows.order_by("sync_order", "name", "pk"))

    @cached_property
    def resting(self) -> frozenset[int]:
        """Lists that are Manual Sync Only, and that this run leaves out: one that the schedule started, or
        that somebody started for other lists.
        """
        if self._run is None:
            return frozenset()
        asked = self._run.subject or self._run  # A plan is carried out as it was made.
        by_hand = {row.pk for row in self.lists if not asked.scope or row.pk in asked.scope}
        woken = by_hand if asked.trigger == Trigger.MANUAL else set()
        return frozenset(row.pk for row in self.lists if row.manual_only and row.pk not in woken)

    def takes_part(self, row: MarketingList) -> bool:
        """Whether anything is decided about this list."""
        return not row.problem and row.pk not in self.resting

    def is_read(self, row: MarketingList) -> bool:
        """Whether the run reads who is in this list. One for some lists leaves the others' to the next."""
        return self.takes_part(row) and self.is_in_scope(row.pk)

    def is_in_scope(self, list_id: int) -> bool:
        return self._run is None or not self._run.scope or list_id in self._run.scope

    @cached_property
    def _catalogue(self) -> Catalogue:
        return read_catalogue(self._account)

    @cached_property
    def fields(self) -> Mapping[str, tuple[FieldRule, ...]]:
        return {entity: tuple(map(_field_rule, mapped)) for entity, mapped in self._catalogue.mapped.items()}

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """Per table: changes when the same rows could be decided otherwise."""
        return {entity: mapping_fingerprint(mapped) for entity, mapped in self._catalogue.mapped.items()}

    @cached_property
    def canonical(self) -> Mapping[str, Callable[[Any], Any]]:
        """Label → the function that brings what Dotdigital holds into canonical form."""
        mapped = [one for of_entity in self._catalogue.mapped.values() for one in of_entity]
        return {one.label.name: canonical_form(LabelType(one.label.type)) for one in mapped}

    @property
    def broken(self) -> tuple[BrokenMapping, ...]:
        return self._catalogue.broken

    @property
    def entities(self) -> tuple[str, ...]:
        """Tables to read, in a fixed order: all that may hold somebody's address, for a mark on any row
        with it counts (decision 7).
        """
        return tuple(entity.value for entity in Entity) if self.lists or self._goes_by_due else ()

    @property
    def _goes_by_due(self) -> bool:
        """Consent and scores are carried over whether or not anybody is in a list."""
        return self._run is not None and self._run.sync_type in store.DUE_SYNCS

    def has_list(self, entity: str) -> bool:
        """Whether an activated list draws on this table."""
        return any(marketing_list.entity == entity for marketing_list in self.lists)

    @property
    def list_ids(self) -> list[int]:
        return [marketing_list.pk for marketing_list in self.lists]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that a mapping uses: what is asked of Dotdigital."""
        return tuple(sorted(self.canonical))

    def columns(self, entity: str) -> tuple[str, ...]:
        """The Dataverse columns that a sync needs of this table's rows: mapped ones only where a list draws
        on it.
        """
        own = {"emailaddress1", "donotbulkemail", "donotemail", "statecode", PRIMARY_NAMES[Entity(entity)]}
        if not self.has_list(entity):
            return tuple(sorted(own))
        mapped = {rule.column for rule in self.fields.get(entity, ())}
        clock = {MODIFIED_ON} if self.needs_clock(entity) else set()
        return tuple(sorted(own | mapped | clock))

    def needs_clock(self, entity: str) -> bool:
        """Whether a mapping of this table lets the newest win, so that it matters when a row was changed."""
        return any(
            rule.conflict_rule is ConflictRule.NEWEST_WINS and rule.outward and rule.convert_in is not None
            for rule in self.fields.get(entity, ())
        )

    @property
    def needs_clocks(self) -> bool:
        """Whether the newest wins anywhere."""
        return any(map(self.needs_clock, self.fields))

    @property
    def lets_new_in(self) -> bool:
        """Whether any list takes in people whom Dynamics does not know."""
        return any(row.membership_action == MembershipAction.ALLOW_NEW for row in self.lists)

    @cached_property
    def new_rows(self) -> NewRows:
        needed = needed_columns(self._account) if self.lets_new_in else {}
        return NewRows(needed, lambda entity, address: derived_id(self._account, entity, address))

    def list_rules(self) -> dict[int, ListRule]:
        return {
            row.pk: ListRule(
                list_id=row.pk,
                order=place,
                entity=row.entity,
                dynamic=row.dynamic,
                action=row.membership_action,
                usable=self.takes_part(row),
            )
            for place, row in enumerate(self.lists)
        }


def _field_rule(mapped: MappedField) -> FieldRule:
    return FieldRule(
        column=mapped.column,
        write_column=mapped.field.logical_name,
        label=mapped.label.name,
        convert_out=mapped.convert_out,
        convert_in=mapped.convert_in,
        agrees=mapped.agrees,
        outward=mapped.direction != Direction.TO_DYNAMICS,
        blank_overwrites=mapped.blank_overwrites,
        is_lookup=mapped.is_lookup,
        looked_up=mapped.looked_up,
        conflict_rule=mapped.conflict_rule,
        restrictive=restrictive_value(mapped.field),
        is_consent=is_consent(mapped.field),
    )
