"""Forms, what people answer, and what Dynamics holds of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from syncline.forms.models import Form
from syncline.ledger.models import Run, RunPart, RunStatus
from syncline.syncs.running import advance
from tests.syncs.world import World

NOW: Final = "2026-03-05T12:00:00Z"
MONDAY: Final = "2026-03-02T09:00:00Z"
ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"

SETS: Final = {
    "forms": "syncline_forms",
    "questions": "syncline_formquestions",
    "options": "syncline_formoptions",
    "responses": "syncline_formresponses",
    "answers": "syncline_formanswers",
}
ROUTES: Final = {
    "active": "GET /v2/surveys/with-activity-since/*",
    "questions": "GET /v2/surveys/*/fields",
    "responses": "GET /v2/surveys/*/responses",
    "new responses": "GET /v2/surveys/*/responses/with-activity-since/*",
}
PAGES: Final = [
    [{"text": "E-mail", "type": "email", "required": True}, {"text": "Town"}],
    [
        {"text": "Gear", "type": "checkboxlist", "choices": ["Tent", "Rope"], "other": True},
        {"text": "Happy with", "type": "matrix", "rows": ["Food", "Guide"], "choices": ["Yes", "No"]},
    ],
]


def said(email: str | None, at: str = MONDAY, /, completed: str | bool | None = None, **answers: Any) -> Any:
    """A response of this person, complete at once. `answers`: question (without its blanks) → answer."""
    texts = {"happy_with": "Happy with"}
    told = {texts.get(name, name.capitalize()): value for name, value in answers.items()}
    if email and completed is not False:
        told = {"E-mail": email, **told}
    return {
        "email": email,
        "started": at,
        "completed": at if completed is None else completed,
        "answers": told,
    }


@dataclass
class Scene:
    world: World

    @property
    def control(self) -> Any:
        return self.world.sandbox_dotdigital.control

    def form(self, name: str = "Walk", *responses: Any, **about: Any) -> int:
        """A form that was made on the first of March; Dotdigital's id of it."""
        made = {"name": name, "pages": PAGES, "created": "2026-03-01T09:00:00Z", **about}
        return int(self.control.seed(forms=[{**made, "responses": list(responses)}])["forms"][0])

    def answer(self, form_id: int, *responses: Any, **about: Any) -> list[int]:
        told = self.control.seed(forms=[{"id": form_id, "responses": list(responses), **about}])
        return [int(number) for number in told["responses"]]

    def delete(self, form_id: int) -> None:
        self.control.call("DELETE", f"forms/{form_id}")

    def know(self) -> None:
        """What Dynamics holds of people becomes known, as with any sync of consent or lists."""
        assert self.world.sync("suppressions").status == RunStatus.COMPLETED

    def sync(self) -> Run:
        return self.world.sync("forms")

    def advance(self, run: Run) -> None:
        """One piece of it."""
        advance(str(run.key))

    def known(self, name: str) -> Form:
        return Form.objects.get(account=self.world.account, name=name)

    def part(self, run: Run, name: str = "Walk") -> RunPart:
        return RunPart.objects.get(run=run, name=name)

    def rows(self, what: str, *columns: str) -> list[dict[str, Any]]:
        return [row for page in self.world.crm.pages(SETS[what], select=columns) for row in page.rows]

    def names(self, what: str) -> list[str]:
        return sorted(row["syncline_name"] for row in self.rows(what, "syncline_name"))

    def who(self) -> list[str | None]:
        """Addresses of all responses in Dynamics."""
        return sorted(str(row["syncline_email"]) for row in self.rows("responses", "syncline_email"))

    def answers(self, email: str) -> dict[str, Sequence[str]]:
        """Question → what this person's responses say, as the lookups tell it."""
        questions = {row["syncline_formquestionid"]: row["syncline_name"] for row in self.rows("questions")}
        responses = {
            row["syncline_formresponseid"] for row in self.rows("responses") if row["syncline_email"] == email
        }
        found: dict[str, list[str]] = {}
        for row in self.rows("answers"):
            if row["_syncline_response_value"] in responses:
                question = questions[row["_syncline_question_value"]]
                found.setdefault(question, []).append(row["syncline_value"])
        return {question: sorted(values) for question, values in found.items()}

    def links(self) -> dict[str, tuple[str | None, str | None]]:
        """Address → (contact, lead) that its response is linked to."""
        columns = ("syncline_email", "_syncline_contact_value", "_syncline_lead_value")
        return {
            row["syncline_email"]: (row["_syncline_contact_value"], row["_syncline_lead_value"])
            for row in self.rows("responses", *columns)
        }

    def written(self) -> dict[str, int]:
        """Calls that write, by what they write, since the journal was cleared."""
        names = {set_: what for what, set_ in SETS.items()}
        return {names[route.split("/")[1]]: number for route, number in self.world.writes().items()}

    def calls(self) -> dict[str, int]:
        """Calls to Dotdigital by route, since the journal was cleared."""
        routes = self.control.journal()["routes"]
        return {route: numbers["calls"] for route, numbers in routes.items()}
