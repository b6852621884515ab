"""Fields and labels that the tests of this room share."""

from syncline.mapping.models import LabelType
from syncline.mapping.specs import FieldSpec, LabelSpec

TEXT = LabelSpec(name="JOBTITLE", type=LabelType.TEXT)
NUMERIC = LabelSpec(name="SCORE", type=LabelType.NUMERIC)
DATE = LabelSpec(name="RENEWAL", type=LabelType.DATE)
YES_NO = LabelSpec(name="VIP", type=LabelType.YES_NO)

JOB_TITLE = FieldSpec(
    entity="contact", logical_name="jobtitle", display_name="Job Title", type="String", max_length=100
)
NOTES = FieldSpec(entity="contact", logical_name="description", type="Memo", max_length=2000)
CHILDREN = FieldSpec(entity="contact", logical_name="numberofchildren", type="Integer", min_value=0)
BIG = FieldSpec(entity="contact", logical_name="new_big", type="BigInt")
SCORE = FieldSpec(entity="contact", logical_name="new_score", type="Decimal", precision=2)
RATIO = FieldSpec(entity="contact", logical_name="new_ratio", type="Double")
INCOME = FieldSpec(entity="contact", logical_name="annualincome", type="Money", precision=4)
IS_VIP = FieldSpec(entity="contact", logical_name="new_vip", type="Boolean", options={0: "No", 1: "Yes"})
SOURCE = FieldSpec(
    entity="lead",
    logical_name="leadsourcecode",
    display_name="Lead Source",
    type="Picklist",
    options={1: "Advertisement", 8: "Web", 10: "Other", 11: "Ambiguous", 12: "ambiguous "},
)
INTERESTS = FieldSpec(
    entity="contact",
    logical_name="new_interests",
    type="MultiSelectPicklist",
    options={1: "Gardening", 2: "Sailing", 9: "Théâtre"},
)
STATUS = FieldSpec(entity="lead", logical_name="statuscode", type="Status", options={1: "New", 4: "Lost"})
BIRTHDAY = FieldSpec(entity="contact", logical_name="birthdate", type="DateTime", date_behavior="DateOnly")
LAST_CALL = FieldSpec(entity="contact", logical_name="new_call", type="DateTime", date_behavior="UserLocal")
OPENING = FieldSpec(
    entity="account", logical_name="new_opening", type="DateTime", date_behavior="TimeZoneIndependent"
)
COMPANY = FieldSpec(
    entity="contact", logical_name="parentcustomerid", display_name="Company Name", type="Customer"
)
FULL_NAME = FieldSpec(
    entity="contact", logical_name="fullname", type="String", max_length=160, writable=False
)
PICTURE = FieldSpec(entity="contact", logical_name="entityimage", type="Virtual")
