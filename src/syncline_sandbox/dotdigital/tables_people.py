"""The tables about people: contacts, lists, preferences, scores, and the jobs that change them."""

from __future__ import annotations

# Ids of contacts, lists and preferences are never used twice, so they come from counters in "meta".
# Times are whole milliseconds since 1970. "fields" is a JSON object of data fields under their stored names.
# A contact's "status" is the e-mail channel's in v2's words ("NoSubscription" without an address);
# "reason" and "removed_on" are set while the person is suppressed, also while a resubscription waits for
# confirmation.
# A row of "scores" has the id of its contact; "moment" is when the score last changed.
PEOPLE = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contacts (
    id INTEGER PRIMARY KEY,
    email TEXT,
    mobile TEXT,
    status TEXT NOT NULL,
    opt_in TEXT NOT NULL,
    email_type TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    subscribed INTEGER,
    reason TEXT,
    removed_on INTEGER,
    sms_status TEXT,
    whatsapp_status TEXT,
    fields TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS contacts_email ON contacts (email);
CREATE UNIQUE INDEX IF NOT EXISTS contacts_mobile ON contacts (mobile) WHERE mobile IS NOT NULL;
CREATE INDEX IF NOT EXISTS contacts_updated ON contacts (updated, id);
CREATE INDEX IF NOT EXISTS contacts_removed ON contacts (removed_on, id) WHERE removed_on IS NOT NULL;
CREATE TABLE IF NOT EXISTS members (
    list_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (list_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_contact ON members (contact_id, list_id);
CREATE TABLE IF NOT EXISTS lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    rule TEXT
);
CREATE TABLE IF NOT EXISTS data_fields (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    visibility TEXT NOT NULL,
    default_value TEXT,
    built_in INTEGER NOT NULL,
    position INTEGER NOT NULL,
    used_in TEXT
);
CREATE TABLE IF NOT EXISTS preferences (
    id INTEGER PRIMARY KEY,
    category_id INTEGER NOT NULL,
    is_preference INTEGER NOT NULL,
    public_name TEXT NOT NULL,
    private_name TEXT NOT NULL,
    sort_order TEXT NOT NULL,
    is_public INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS opt_ins (
    contact_id INTEGER NOT NULL,
    preference_id INTEGER NOT NULL,
    opted_in INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    PRIMARY KEY (contact_id, preference_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS opt_ins_preference ON opt_ins (preference_id, contact_id);
CREATE TABLE IF NOT EXISTS consents (
    id TEXT PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    created INTEGER NOT NULL,
    record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS consents_contact ON consents (contact_id);
CREATE TABLE IF NOT EXISTS custom_identifiers (
    name TEXT PRIMARY KEY COLLATE NOCASE,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS custom_values (
    name TEXT NOT NULL COLLATE NOCASE,
    value TEXT NOT NULL,
    contact_id INTEGER NOT NULL,
    PRIMARY KEY (name, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS custom_values_contact ON custom_values (contact_id);
CREATE TABLE IF NOT EXISTS banned (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    created INTEGER NOT NULL,
    due INTEGER,
    options TEXT NOT NULL,
    payload BLOB,
    report BLOB,
    faults BLOB
);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS scores (
    id INTEGER PRIMARY KEY,
    engagement INTEGER NOT NULL,
    suitability INTEGER NOT NULL,
    score INTEGER NOT NULL,
    label TEXT NOT NULL,
    moment INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS scores_moment ON scores (moment, id);
"""
