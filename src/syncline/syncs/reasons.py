"""Why a record was left out, held or refused: a code in the tables, words and a remedy for people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    words: str
    remedy: str


REASONS: dict[str, Reason] = {
    "no_address": Reason(
        "The record has no e-mail address.",
        "Enter one in Dynamics; the record goes along with the next sync.",
    ),
    "invalid_address": Reason(
        "The e-mail address is not well formed.",
        "Correct it in Dynamics; the record goes along with the next sync.",
    ),
    "do_not_bulk_email": Reason(
        "A Dynamics record with this address says Do Not Bulk Email.",
        "Nothing to do, unless the person asked for e-mail again and that record is out of date.",
    ),
    "do_not_email": Reason(
        "A Dynamics record with this address says Do Not Email.",
        "Nothing to do, unless the person asked for e-mail again and that record is out of date.",
    ),
    "suppressed": Reason(
        "The address is on Dotdigital's suppression list.",
        "Only the person can come back, through a Dotdigital form, or by asking someone who may "
        "resubscribe them.",
    ),
    "on_crm_list": Reason(
        "The address is on the CRM suppression list of Dynamics.",
        "Only the person can come back, through a Dotdigital form, or by asking someone who may "
        "resubscribe them.",
    ),
    "not_subscribed": Reason(
        "The contact is not subscribed in Dotdigital.",
        "Only the person can come back, through a Dotdigital form, or by asking someone who may "
        "resubscribe them.",
    ),
    "address_moved": Reason(
        "In Dotdigital this contact now has another address.",
        "Decide which address is right and give both sides the same one.",
    ),
    "second_contact": Reason(
        "The address was changed in Dynamics, and Dotdigital has a contact for either one.",
        "Delete the contact that is out of date in Dotdigital, and replay the record; or give the record its "
        "former address back.",
    ),
    "former_address": Reason(
        "A record in Dynamics had this address before, so nobody new is made of it.",
        "If it is somebody else's by now, make their record in Dynamics; the next sync lets it in.",
    ),
    "deleted_there": Reason(
        "The contact was deleted in Dotdigital, so it is not made there again.",
        "If the person is to be mailed, add them in Dotdigital; the next sync finds them there.",
    ),
    "opted_out_before": Reason(
        "The person opted out under a former address, and the opt-out goes with them.",
        "Only the person can come back, through a Dotdigital form.",
    ),
    "erased": Reason(
        "Somebody who had opted out was erased here under this address, and stays out.",
        "Only the person can come back, by asking someone who may resubscribe them.",
    ),
    "left_list": Reason(
        "The person unsubscribed from this list in Dotdigital.",
        "Nothing to do: they are not added to it again.",
    ),
    "removed_there": Reason(
        "The person was removed from this list in Dotdigital after a sync had put them there.",
        "Add them again in Dotdigital if that was a mistake; or take them off the list in Dynamics too.",
    ),
    "not_active": Reason(
        "Only open leads and active contacts are synced, and this record is neither.",
        "Reactivate the record, or change the account's setting.",
    ),
    "reopened": Reason(
        "The lead was not open while it was in the list, and nothing but its status has changed since; that "
        "alone does not start its sync.",
        "Change another value of the lead, or put it into a list anew; best a new list for such leads.",
    ),
    "shared_address": Reason(
        "Another Dynamics record with the same address decides the values.",
        "Merge the records in Dynamics, or give each its own address.",
    ),
    "left_marketing_list": Reason(
        "No longer a member of the marketing list in Dynamics.",
        "",
    ),
    "not_in_marketing_list": Reason(
        "In the Dotdigital list but not in the marketing list.",
        "",
    ),
    "known_contact": Reason(
        "In the Dotdigital list and known to Dynamics: added to the marketing list, as its membership "
        "action says.",
        "",
    ),
    "new_person": Reason(
        "Known to Dotdigital and not to Dynamics: made a record there, as the list's membership action or "
        "the form says.",
        "",
    ),
    "other_kind": Reason(
        "Dynamics knows the person, but not as a record of the kind that this list is made of.",
        "Add a record of that kind by hand, or take the person off the Dotdigital list.",
    ),
    "records_disagree": Reason(
        "Of several records with this address one says yes to the preference, and another says no.",
        "Let all of them say the same; the next sync carries it over.",
    ),
    "required_column": Reason(
        "The person cannot become a record: Dynamics requires a column that nothing fills.",
        "Map a label to that column towards Dynamics, or let Dynamics no longer require it and refresh the "
        "CRM metadata; it is tried again with every sync.",
    ),
    "made_before": Reason(
        "Syncline made a record for this address before, and that record has another address now.",
        "Add a record with this address by hand, or give the earlier one its address back.",
    ),
    "conversion": Reason(
        "A value cannot be carried over as it is.",
        "Change the value on the side that it comes from, or the mapping.",
    ),
    "refused_by_dotdigital": Reason(
        "Dotdigital did not accept the record.",
        "Mend what Dotdigital says; the record goes along again when it changes.",
    ),
    "removal_refused": Reason(
        "Dotdigital did not take the record away from this contact, who is no longer to have it.",
        "Mend what Dotdigital says, or delete the record there; it is tried again with every sync.",
    ),
    "refused_by_dynamics": Reason(
        "Dynamics did not accept the change.",
        "Mend what Dynamics says; the change goes along again when the contact changes.",
    ),
    "campaign_refused": Reason(
        "Dynamics did not accept the campaign.",
        "Mend what Dynamics says; it is tried again with every sync.",
    ),
    "activity_refused": Reason(
        "Dynamics did not accept a row about what this person did with a campaign.",
        "Mend what Dynamics says, and replay the record.",
    ),
    "form_refused": Reason(
        "Dynamics did not accept the form.",
        "Mend what Dynamics says; it is tried again with every sync.",
    ),
    "response_refused": Reason(
        "Dynamics did not accept this person's response to a form, or an answer in it.",
        "Mend what Dynamics says, and replay the record.",
    ),
    "web_row_refused": Reason(
        "Dynamics did not accept a visit of this person to a web site, or a page view in it.",
        "Mend what Dynamics says, and replay the record.",
    ),
    "unknown_person": Reason(
        "Dynamics knows nobody with this address, and the form makes nobody new.",
        "Nothing to do: the response itself is kept and linked once Dynamics knows them. To have people "
        "made, change the mapping of the form.",
    ),
    "people_unreadable": Reason(
        "Syncline may not read a table of Dynamics in which this person is or may be, so nothing is written "
        "about them.",
        "Give the application user's security role the privilege that is named; it is tried again with every "
        "sync.",
    ),
    "not_permitted": Reason(
        "Syncline may not write this in Dynamics.",
        "Give the application user's security role the privilege that is named; it is tried again with every "
        "sync.",
    ),
    "list_closed": Reason(
        "Dynamics lets nobody into this marketing list, or out of it.",
        "Unlock or reactivate the list; it is tried again with every sync.",
    ),
    "refused_as_a_whole": Reason(
        "Dotdigital's quality check refused every import that held this record.",
        "Look at the address: role addresses and spam traps are refused. Correct or remove it.",
    ),
    "contact_limit": Reason(
        "The Dotdigital account has reached its contact limit.",
        "Ask Dotdigital for a higher limit, or delete contacts there; it is tried again with every sync.",
    ),
    "not_in_report": Reason(
        "Dotdigital's import report does not mention the record.",
        "Run the sync again; if it stays away, ask Dotdigital about the import whose number is shown.",
    ),
    "book_gone": Reason(
        "The Dotdigital list was deleted while the sync was under way.",
        "Unlink the marketing list, so that its list is made anew, and run the sync again.",
    ),
    "row_not_active": Reason(
        "The row is not active in Dynamics, or is no longer there.",
        "Nothing to do: its record was taken out of the collection. An active row goes along again.",
    ),
    "nobody_known": Reason(
        "The row points at nobody whom Syncline knows.",
        "Fill its lookup in Dynamics, or run a list sync, which reads contacts, leads and accounts.",
    ),
    "changed_since_plan": Reason(
        "What was planned for this record no longer fits: one side has changed since the plan was made.",
        "Nothing was written. The next sync decides afresh, or make a new plan.",
    ),
    "follows_later": Reason(
        "Something else came of what was written, and it was not in the plan.",
        "Nothing to do: it goes along with the next sync.",
    ),
    "undone": Reason("As it was before the run that is undone.", ""),
    "made_by_the_run": Reason(
        "The run had made this person's contact or record. It is not deleted, only taken out of the lists "
        "that it had joined.",
        "Delete it where it lives if it is not wanted.",
    ),
    "changed_since_run": Reason(
        "Changed since the run, so it is left as it is.",
        "Change it by hand where it lives, if it should be as before.",
    ),
    "opt_out_stands": Reason(
        "The run took them out because they do not want mail, and undoing never undoes an opt-out.",
        "Only the person can come back, through a Dotdigital form, or by asking someone who may "
        "resubscribe them.",
    ),
    "consent_mark_stands": Reason(
        "The value says that they do not want to be contacted, and undoing never takes that back.",
        "To lift it, set the value to No in Dynamics and in Dotdigital.",
    ),
    "address_stays": Reason(
        "A changed e-mail address is not put back: Dotdigital's follows the one in Dynamics.",
        "Change the address in Dynamics; the contact goes along with the next sync.",
    ),
    "no_longer_mapped": Reason(
        "The mapping that the run wrote it by is gone, so what stands there now is not known.",
        "Map it again and undo once more, or change it by hand where it lives.",
    ),
    "list_not_synced": Reason(
        "The list is not synced at the moment, so nobody enters or leaves it.",
        "Activate the list, or mend what is wrong with it, and undo the run once more.",
    ),
    "label_stays": Reason(
        "A label stays as the run left it: values and mappings may use it by now.",
        "Delete the data field in Dotdigital if nothing uses it.",
    ),
    "crm_won": Reason("Both sides had changed; the mapping lets Dynamics win.", ""),
    "dotdigital_won": Reason("Both sides had changed; the mapping lets Dotdigital win.", ""),
}


def words(code: str) -> str:
    return REASONS[code].words if code in REASONS else code
