"""What a page can offer for a field: labels, directions, conflict rules; and which value is restrictive."""

from dataclasses import replace

import pytest

from syncline.mapping.models import ConflictRule, Direction
from syncline.mapping.pairs import conflict_rules_for, directions_for, labels_for
from syncline.mapping.restrictive import is_consent, restrictive_value
from syncline.mapping.specs import FieldSpec
from tests.mapping.specimens import (
    COMPANY,
    DATE,
    FULL_NAME,
    INCOME,
    IS_VIP,
    JOB_TITLE,
    NUMERIC,
    PICTURE,
    STATUS,
    TEXT,
    YES_NO,
)

LABELS = (TEXT, NUMERIC, DATE, YES_NO)
RULES = ConflictRule
DO_NOT_PHONE = FieldSpec(entity="contact", logical_name="donotphone", type="Boolean")


@pytest.mark.parametrize(
    ("field", "labels"),
    [(JOB_TITLE, (TEXT,)), (INCOME, (NUMERIC,)), (IS_VIP, (YES_NO,)), (STATUS, (TEXT,)), (PICTURE, ())],
)
def test_only_labels_of_the_right_type_are_offered(field, labels):
    assert labels_for(field, LABELS) == labels


@pytest.mark.parametrize(
    ("field", "directions"),
    [
        (JOB_TITLE, tuple(Direction)),
        (FULL_NAME, (Direction.TO_DOTDIGITAL,)),
        (COMPANY, (Direction.TO_DOTDIGITAL,)),
        (replace(JOB_TITLE, entity="account", through="parentcustomerid"), (Direction.TO_DOTDIGITAL,)),
        (replace(COMPANY, through="originatingleadid"), ()),
        (replace(JOB_TITLE, readable=False), ()),
        (PICTURE, ()),
    ],
)
def test_only_directions_that_can_be_are_offered(field, directions):
    assert directions_for(field) == directions


@pytest.mark.parametrize(
    ("field", "direction", "rules"),
    [
        (JOB_TITLE, Direction.BOTH, (RULES.DYNAMICS_WINS, RULES.DOTDIGITAL_WINS, RULES.NEWEST_WINS)),
        (IS_VIP, Direction.BOTH, tuple(RULES)),
        (DO_NOT_PHONE, Direction.BOTH, (RULES.MOST_RESTRICTIVE_WINS,)),
        (JOB_TITLE, Direction.TO_DYNAMICS, ()),
        (DO_NOT_PHONE, Direction.TO_DOTDIGITAL, ()),
    ],
)
def test_only_rules_that_can_decide_are_offered(field, direction, rules):
    assert conflict_rules_for(field, direction) == rules


@pytest.mark.parametrize(
    ("name", "title", "consent"),
    [
        ("donotbulkemail", "Do not allow Bulk Emails", True),
        ("donotsendmm", "Send Marketing Materials", True),
        ("new_donotsms", "", True),
        ("new_smsoptout", "SMS", True),
        ("new_opt_out_calls", "", True),
        ("new_quiet", "Do not call before noon", True),
        ("new_quiet", "Don't call", True),
        ("new_quiet", "Opted out of calls", True),
        ("followemail", "Follow Email Activity", False),
        ("new_optin", "Opted in", False),
        ("new_donothing", "Doughnuts", True),
        ("new_donor", "Donor", False),
    ],
)
def test_a_column_forbids_by_its_name(name, title, consent):
    """In doubt it forbids: a value too many is kept, and nobody is contacted for it."""
    field = FieldSpec(entity="contact", logical_name=name, display_name=title, type="Boolean")
    assert is_consent(field) is consent
    assert restrictive_value(field) is consent


def test_only_yes_no_columns_have_a_restrictive_value():
    text = FieldSpec(entity="contact", logical_name="donotreason", type="String")
    assert restrictive_value(text) is None
    assert not is_consent(text)
