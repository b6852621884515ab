"""Contact scoring: the columns of contact and lead that Syncline fills from Dotdigital."""

from __future__ import annotations

from syncline.dataverse import NewColumn

LONGEST_SCORE_LABEL = 100
HIGHEST_SCORE = 255


def _score(name: str, label: str, description: str) -> NewColumn:
    return NewColumn(
        schema_name=f"syncline_{name}",
        kind="whole_number",
        label=label,
        description=description,
        min_value=0,
        max_value=HIGHEST_SCORE,
    )


SCORE_COLUMNS = (
    _score("OverallScore", "Overall Score", "Dotdigital's score of this person: engagement and suitability."),
    _score("EngagementScore", "Engagement Score", "How much this person does with what they are sent."),
    _score("SuitabilityScore", "Suitability Score", "How well this person fits what is sold."),
    NewColumn(
        schema_name="syncline_ScoreLabel",
        kind="text",
        label="Score Label",
        description="What Dotdigital calls the overall score, such as Hot or Cold.",
        max_length=LONGEST_SCORE_LABEL,
    ),
    NewColumn(
        schema_name="syncline_LastScoredOn",
        kind="date_time",
        label="Last Evaluated",
        description="When Dotdigital last changed the scores.",
    ),
)
