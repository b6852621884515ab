"""What is known of the preferences of a page of people, with what Dynamics holds at this moment."""

from collections.abc import Sequence

from syncline.accounts.models import EmailAccount
from syncline.consent.models import Preference
from syncline.dataverse import Dataverse
from syncline.people.store import choices
from syncline.people.store.choices import ChoiceRow, Told
from syncline.syncs.consent.changes import About, ChoiceHeld
from syncline.syncs.consent.decide import Facts, mailed
from syncline.syncs.preferences import rows


def with_choices(account: EmailAccount, client: Dataverse, us: str, people: list[Facts]) -> list[Facts]:
    """Of those who are or were in a list; of the others nothing is told. `us`: Syncline's user there."""
    eligible = choices.ever_in_a_list(account.pk, [facts.person.key for facts in people])
    asked = [facts for facts in people if facts.person.key in eligible]
    told = choices.told_of(account.pk, [facts.person.key for facts in asked])
    names = labels(account.pk)
    record_ids = [one.record_id for facts in asked for one in mailed(facts.person)]
    known = choices.rows_of_records(account.pk, record_ids)
    held = held_now(client, us, numbers_of(account), known)
    of_record: dict[str, list[ChoiceHeld]] = {}
    for row in held:
        of_record.setdefault(row.record_id, []).append(row)
    for facts in asked:
        mine = [one.record_id for one in mailed(facts.person)]
        found = [row for record_id in mine for row in of_record.get(record_id, [])]
        about = told.get(facts.person.key, {})
        facts.choices = [
            About(
                number,
                names[number],
                about.get(number, Told()),
                [row for row in found if row.preference == number],
                {record_id: rows.choice_id(account, record_id, number) for record_id in mine},
            )
            for number in sorted({*about, *(row.preference for row in found)} & names.keys())
        ]
    return people


def labels(account_id: int) -> dict[int, str]:
    """Dotdigital's id of each preference → its name, with its category where it is in one."""
    found = Preference.objects.filter(account_id=account_id)
    return {one.number: f"{one.category} > {one.name}" if one.category else one.name for one in found}


def numbers_of(account: EmailAccount) -> dict[str, int]:
    """Id in Dynamics of each preference → Dotdigital's."""
    found = Preference.objects.filter(account_id=account.pk).values_list("number", flat=True)
    return {rows.preference_id(account, number): number for number in found}


def held_now(
    client: Dataverse, us: str, numbers: dict[str, int], known: Sequence[ChoiceRow]
) -> list[ChoiceHeld]:
    """What the rows say in Dynamics now; one that is gone is left out."""
    by_id = {row.row_id: row for row in known}
    found = []
    for row in client.rows_of(rows.CHOICES, f"{rows.CHOICE}id", sorted(by_id), select=rows.COLUMNS):
        choice = rows.choice_of(row, numbers, us, by_id[row[f"{rows.CHOICE}id"]])
        if choice is not None:
            found.append(ChoiceHeld(*choice, row["@odata.etag"]))
    return found
