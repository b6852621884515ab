"""What the explanations of the syncs into contacts and leads have in common. Writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse
from syncline.ledger.models import Held, Run
from syncline.people.facts import MAILED, CrmFacts, PersonFacts
from syncline.syncs.marketing_lists.explain_gates import account_gate, account_target, first_shut, gate
from syncline.syncs.marketing_lists.explained import Asked, ListVerdict, SyncTold, Target, ValueTold
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import MESSAGES
from syncline.syncs.reasons import words

WOULD: Final = "Would be carried over with the next sync: see below."
IN_STEP: Final = "Nothing to do: both sides say the same."


OF_THE_ACCOUNT: Final = frozenset({"not_provisioned", "feature_off"})
"""Gates that stop everybody of the account."""


@dataclass(frozen=True)
class About:
    """Whom it is about, and what may be asked."""

    account: EmailAccount
    setting: Setting
    person: PersonFacts
    dataverse: Callable[[], Dataverse]

    @property
    def records(self) -> list[CrmFacts]:
        """The contacts and leads with the address: a company holds nothing of a person's."""
        return [record for record in self.person.records if record.entity in MAILED]


def told(
    about: About,
    key: str,
    gates: Sequence[Asked],
    values: Sequence[ValueTold],
    lists: Sequence[ListVerdict] = (),
    *,
    unconcerned: str = "",
    agreed: str = "",
    unsure: str = "",
) -> SyncTold:
    """What stops the whole sync comes first; what would be written counts for more than a shut gate, which
    then stops only its own part.

    `unconcerned`: why the sync has nothing to carry over for this person, whose own gates then say nothing.
    `agreed`: why nothing has to be written although every gate is open, where there is more to say.
    """
    of_person = [] if unconcerned else [_held_gate(about.account, key, about.person.key)]
    told_of = [one for one in gates if not unconcerned or one.code in OF_THE_ACCOUNT]
    every = [account_gate(about.account), *told_of, *of_person]
    shut = first_shut(every)
    if about.account.disabled:
        conclusion = f"Nothing is carried over. {every[0].words}"
    elif unsure:
        conclusion = f"Cannot be told for certain. {unsure}"
    elif values:
        conclusion = WOULD
    else:
        why = shut.words if shut else unconcerned or agreed
        conclusion = f"Nothing to do. {why}" if why else IN_STEP
    return SyncTold(key, conclusion, every, lists, values)


def record_gate(about: About) -> Asked:
    is_open = bool(about.records)
    return gate(
        "no_record",
        "Dynamics has a contact or lead with this address",
        is_open,
        "No contact or lead that is known has this address.",
        "Enter the address in Dynamics, or look for a spelling of it there.",
    )


def provisioned_gate(about: About, key: str, question: str, code: str) -> Asked:
    """`code`: the message of a run that found the tables or columns missing. Dynamics is not asked again."""
    is_open = about.account.provisioned and last_message(about.account, key) != code
    message = MESSAGES[code]
    text = message.text.format("contact or lead") + "."
    return gate("not_provisioned", question, is_open, text, message.remedy, [account_target(about.account)])


def last_message(account: EmailAccount, key: str) -> str:
    """The code that the last run of this type ended with; empty where there was none."""
    runs = Run.objects.filter(account=account, sync_type=key, ended_at__isnull=False).order_by("-pk")
    return runs.values_list("message_code", flat=True).first() or ""


def _held_gate(account: EmailAccount, key: str, person_key: str) -> Asked:
    row = Held.objects.filter(account=account, sync_type=key, person_key=person_key).first()
    targets = [Target("run", f"Run {row.run_id}", str(row.run.key))] if row and row.run else []
    return gate(
        "held",
        "Nothing that this sync wrote about the person was refused",
        row is None,
        f"It was refused and is held: {words(row.reason)} {row.detail}".strip() if row else "",
        "Mend what it says, then replay it from Held Records.",
        targets,
    )


def erased_gate(about: About) -> Asked:
    return gate(
        "erased",
        "The person was not erased here",
        not about.person.erased,
        "They were erased, and had opted out.",
    )


def record_words(entity: str, name: str, record_id: str) -> str:
    return f"{entity} {name or record_id}"
