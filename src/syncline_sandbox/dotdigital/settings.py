"""Behaviour switches of the Dotdigital sandbox, each with its default."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from syncline_sandbox.control import ControlError


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """All switches. The comments say which open question or limit of the API a switch stands for."""

    # Rate limits. The scheme belongs to the API user: "tiered" counts each tier per minute and answers 429,
    # "flat" counts a rolling hour and answers 400 ERROR_APIUSAGE_EXCEEDED, "off" counts but never refuses.
    rate_scheme: Literal["tiered", "flat", "off"] = "tiered"
    rate_low_per_minute: int = 150
    rate_medium_per_minute: int = 600
    rate_high_per_minute: int = 1200
    rate_flat_per_hour: int = 2000
    # X-RateLimit-Reset as UTC epoch seconds (documentation) or seconds to wait (the vendor's SDK).
    rate_reset: Literal["epoch", "seconds"] = "epoch"

    # Regions. A host of another region than the account's answers 403, except r1's account-info. A request
    # with a Host header that begins with "r1-api", "r2-api" or "r3-api" speaks to that region's host.
    account_region: Literal["r1", "r2", "r3"] = "r1"
    host_region: Literal["r1", "r2", "r3"] = "r1"
    # What account-info names as ApiEndpoint; empty: the sandbox's own address.
    api_endpoint: str = ""
    # A disabled account's log-in is refused like a wrong password.
    account_disabled: bool = False

    # Imports: NotFinished for this long, by the soft clock.
    import_delay_s: float = 2.0
    import_delay_per_row_s: float = 0.001
    max_active_imports: int = 25
    max_active_deletes: int = 25
    delete_delay_s: float = 1.0
    segment_refresh_delay_s: float = 1.0
    # A campaign that is sent at once is Sending for this long.
    send_delay_s: float = 2.0
    # What people do with a campaign that was sent through the API: nothing, or what the model of a believable
    # course says, unsubscribing included.
    people_react: bool = False
    # Scoring is an add-on; without it, calls about scores are refused.
    scoring: bool = True
    # Scores are calculated again every night from what people did; otherwise only seeding changes them.
    scores_recalculated: bool = False
    # Pages and forms; without the feature, calls about them are refused.
    forms: bool = True
    # How a response tells several choices of one question: an array of ids, or an answer each (open question
    # 14).
    several_choices: Literal["array", "repeated"] = "array"
    # Insight data that is not part of the account's contract is refused.
    insight_data: bool = True
    insight_collection_limit: int = 1000
    # How an import of insight data says that it has ended: the definition's list of words, or its example.
    insight_done_word: Literal["Complete", "Finished"] = "Complete"
    # How a collection's schema is shown: the definition's example, or an object as the definition declares.
    insight_schema_as: Literal["list", "object"] = "list"
    # The quality check's share of role or invalid addresses, looked at from so many rows on.
    watchdog_share: float = 0.3
    watchdog_min_rows: int = 50
    # What a v3 import does with the data of a suppressed contact (open question 4).
    import_suppressed: Literal["update", "fail"] = "update"

    # Limits of the account.
    contact_limit: int | None = None
    # Mails that may still be sent, as account-info tells; a send to more people is refused.
    send_credits: int = 250_000
    list_limit: int | None = None
    field_limit_string: int = 246
    field_limit_numeric: int = 50
    field_limit_date: int = 49
    field_limit_boolean: int = 50
    custom_identifier_limit: int = 10
    max_body_bytes: int | None = None

    # The account enforces double opt-in: every new subscription has to be confirmed by the person.
    enforce_double_opt_in: bool = False
    # Whether joining or leaving a list, or changing a preference, moves a contact's "updated" (open
    # question 3).
    list_change_bumps_modified: bool = False
    # v2 lists: last change first, so that rows shift while they are paged; or by id.
    v2_order: Literal["changed", "id"] = "changed"
    # What GET campaigns/metrics counts: all that ever happened to a campaign that was active between the two
    # dates, or only what happened between them (open question 9).
    metrics_count: Literal["life", "window"] = "life"
    # Whether v3's "lists" of a contact names the reserved list All contacts.
    v3_lists_show_all_contacts: bool = False
    # DELETE of a data field that is in use: 200 with result false, or 409.
    field_in_use: Literal["result", "conflict"] = "result"
    # GET data-fields tells default values (the older API never did).
    field_defaults_returned: bool = True

    def changed(self, changes: dict[str, Any]) -> Settings:
        """A copy with some switches changed; raises ControlError for unknown names and wrong types."""
        try:
            return msgspec.convert(msgspec.to_builtins(self) | changes, Settings)
        except msgspec.ValidationError as error:
            raise ControlError(str(error)) from error
