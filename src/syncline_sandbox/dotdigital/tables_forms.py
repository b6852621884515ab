"""The tables about forms and what people answered."""

from __future__ import annotations

# Times are whole milliseconds since 1970. "pages" and "answers" are JSON, as the API tells them; "activity"
# is when anything last happened: to a form, a change or a response; to a response, its beginning or its end.
FORMS = """
CREATE TABLE IF NOT EXISTS surveys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    submission_mode TEXT NOT NULL,
    list_id INTEGER,
    assigned INTEGER NOT NULL,
    views INTEGER NOT NULL,
    bounces INTEGER NOT NULL,
    pages TEXT NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    activity INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS survey_responses (
    id INTEGER PRIMARY KEY,
    survey_id INTEGER NOT NULL,
    email TEXT,
    source TEXT NOT NULL,
    started INTEGER NOT NULL,
    completed INTEGER,
    activity INTEGER NOT NULL,
    answers TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS survey_responses_activity ON survey_responses (survey_id, activity, id);
"""
