"""Whom an undo lets rest at its end: who would get nothing but what was just taken back."""

import pytest

from syncline.people.facts import CrmFlag, PersonFacts
from syncline.syncs.marketing_lists.decide import decide
from syncline.syncs.marketing_lists.deeds import Deeds, PlaceDeed
from syncline.syncs.marketing_lists.let_rest import only_redoes
from tests.syncs.marketing_lists.people import ALICE, NEWS, alice, contact, in_list, rules

TAKEN_OUT = Deeds(
    ALICE,
    places=(PlaceDeed("dotdigital", NEWS, "contact", "c1", "Alice Hall", False, "left_marketing_list"),),
)


def in_the_book(person: PersonFacts) -> bool:
    decision, _ = decide(person, rules())
    assert decision.leaves == [NEWS]
    return only_redoes(decision, TAKEN_OUT)


def test_who_came_back_by_the_undo_rests() -> None:
    assert in_the_book(alice(contact(), contact_id=7, status="subscribed", places=in_list(NEWS)))


@pytest.mark.parametrize("mark", [CrmFlag.DO_NOT_BULK_EMAIL, CrmFlag.DO_NOT_EMAIL])
def test_who_does_not_want_mail_by_now_does_not(mark: CrmFlag) -> None:
    marked = contact(NEWS, flags=int(mark))
    assert not in_the_book(alice(marked, contact_id=7, status="subscribed", places=in_list(NEWS)))
