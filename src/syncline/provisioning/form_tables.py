"""What forms need in Dynamics: the form, its questions and their options, responses, and answers.

Every date is a moment and so is kept as user local: in UTC, and shown to each user in their own time zone.
Dotdigital numbers questions, options and responses inside a form, so that keys hold the form's number too.
"""

from __future__ import annotations

from typing import Final

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.columns import moment, number, text, yes_no
from syncline.provisioning.parts import Key, Lookup, TablePart
from syncline.provisioning.people_columns import (
    LONGEST_ADDRESS,
    account_column,
    contact_lookup,
    dotdigital_id_column,
    lead_lookup,
)

LONGEST_FORM_NAME: Final = 255
LONGEST_QUESTION: Final = 500
LONGEST_FORM_URL: Final = 2000
LONGEST_ANSWER_NAME: Final = 200
LONGEST_ANSWER: Final = 4000


def _lookup(name: str, label: str, target: str, table: str) -> Lookup:
    return Lookup(
        column=NewColumn(schema_name=f"syncline_{name}", kind="text", label=label),
        target=target,
        target_key=f"{target}id",
        relationship=f"{target}_{table}",
    )


_FORM_NUMBER: Final = number("DotdigitalFormId", "Dotdigital Form Id")
_LINE_NUMBER: Final = number("DotdigitalLineId", "Dotdigital Line Id", "Of a line of a grid; else 0.")
_QUESTION_NUMBER: Final = number("DotdigitalQuestionId", "Dotdigital Question Id")


def _key(name: str, label: str, *columns: str) -> Key:
    return Key(
        schema_name=f"syncline_{name}",
        label=label,
        columns=("syncline_account", *(f"syncline_dotdigital{column}id" for column in columns)),
    )


FORM = TablePart(
    logical_name="syncline_form",
    make=NewTable(
        schema_name="syncline_Form",
        label="Form",
        plural="Forms",
        description="A page or form of Dotdigital, with what came of it.",
        primary_name=text("Name", "Name", LONGEST_FORM_NAME),
    ),
    columns=(
        dotdigital_id_column(),
        account_column(),
        text("Url", "Link", LONGEST_FORM_URL),
        text("FormState", "State", 50, "As Dotdigital tells it: Active, Inactive, Pending, Expired…"),
        text("SubmissionMode", "Submission Mode", 50, "Single or Multiple."),
        yes_no("Deleted", "Deleted in Dotdigital", "What was told before stays; nothing more comes."),
        moment("MadeOn", "Made On", "When it was made in Dotdigital."),
        moment("ChangedOn", "Changed On", "When it was last changed in Dotdigital."),
        moment("FirstResponseOn", "First Response On"),
        moment("LastResponseOn", "Last Response On"),
        number("CompleteResponses", "Complete Responses"),
        number("IncompleteResponses", "Incomplete Responses"),
        number("Views", "Views"),
        number("Bounces", "Bounces"),
    ),
    keys=(_key("FormOfAccount", "Account and Dotdigital id", ""),),
)

FORM_QUESTION = TablePart(
    logical_name="syncline_formquestion",
    make=NewTable(
        schema_name="syncline_FormQuestion",
        label="Form Question",
        plural="Form Questions",
        description="One question of a form. Each line of a grid is a question by itself.",
        primary_name=text("Name", "Question", LONGEST_QUESTION),
    ),
    columns=(
        dotdigital_id_column(),
        _LINE_NUMBER,
        _FORM_NUMBER,
        account_column(),
        text("QuestionType", "Type", 50, "As Dotdigital calls it."),
        number("Page", "Page"),
        number("Position", "Position"),
        yes_no("Required", "Required"),
        text("DataField", "Data Field", 100, "The contact's data field that Dotdigital writes answers to."),
    ),
    lookups=(_lookup("Form", "Form", "syncline_form", "question"),),
    keys=(_key("QuestionOfForm", "Account, form, question and line", "form", "", "line"),),
)

FORM_OPTION = TablePart(
    logical_name="syncline_formoption",
    make=NewTable(
        schema_name="syncline_FormOption",
        label="Form Option",
        plural="Form Options",
        description="One of the choices that a question offers.",
        primary_name=text("Name", "Option", LONGEST_QUESTION),
    ),
    columns=(
        dotdigital_id_column(),
        _QUESTION_NUMBER,
        _LINE_NUMBER,
        _FORM_NUMBER,
        account_column(),
        number("Position", "Position"),
    ),
    lookups=(_lookup("Question", "Question", "syncline_formquestion", "option"),),
    keys=(
        _key("OptionOfQuestion", "Account, form, question, line and option", "form", "question", "line", ""),
    ),
)

FORM_RESPONSE = TablePart(
    logical_name="syncline_formresponse",
    make=NewTable(
        schema_name="syncline_FormResponse",
        label="Form Response",
        plural="Form Responses",
        description="One person's going through a form.",
        primary_name=text("Name", "Name", LONGEST_FORM_NAME, "What the form was called at the time."),
    ),
    columns=(
        dotdigital_id_column(),
        _FORM_NUMBER,
        account_column(),
        text("Email", "E-mail", LONGEST_ADDRESS),
        yes_no("Complete", "Complete"),
        moment("StartedOn", "Started On"),
        moment("CompletedOn", "Completed On"),
    ),
    lookups=(
        _lookup("Form", "Form", "syncline_form", "response"),
        contact_lookup("formresponse"),
        lead_lookup("formresponse"),
    ),
    keys=(_key("ResponseOfForm", "Account, form and response", "form", ""),),
)

FORM_ANSWER = TablePart(
    logical_name="syncline_formanswer",
    make=NewTable(
        schema_name="syncline_FormAnswer",
        label="Form Answer",
        plural="Form Answers",
        description="What a response says to one question; of several choices each is a row.",
        primary_name=text("Name", "Answer", LONGEST_ANSWER_NAME, "The beginning of the answer."),
    ),
    columns=(
        number("DotdigitalResponseId", "Dotdigital Response Id"),
        _QUESTION_NUMBER,
        _LINE_NUMBER,
        number("DotdigitalOptionId", "Dotdigital Option Id", "Of a choice; 0 for an answer in words."),
        _FORM_NUMBER,
        account_column(),
        text("Value", "Value", LONGEST_ANSWER, "The answer, or the choice in words."),
    ),
    lookups=(
        _lookup("Response", "Response", "syncline_formresponse", "answer"),
        _lookup("Question", "Question", "syncline_formquestion", "answer"),
        _lookup("Option", "Option", "syncline_formoption", "answer"),
    ),
    keys=(
        _key(
            "AnswerOfResponse",
            "Account, form, response, question, line and option",
            "form",
            "response",
            "question",
            "line",
            "option",
        ),
    ),
)

FORM_TABLES: Final = (FORM, FORM_QUESTION, FORM_OPTION, FORM_RESPONSE, FORM_ANSWER)
