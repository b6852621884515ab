"""The tables about campaigns, to whom they went and what people did with them."""

from __future__ import annotations

# Times are whole milliseconds since 1970.
# A row of "sends" is one campaign to one person at one moment, with its totals for life; "activity" is what
# the person then did, "detail" the JSON that an answer tells of it; "planned" is activity yet to come.
# "version" of a campaign grows with every change of its figures.
CAMPAIGNS = """
CREATE TABLE IF NOT EXISTS from_addresses (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS campaigns (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_address INTEGER NOT NULL,
    html TEXT NOT NULL,
    plain TEXT NOT NULL,
    reply_action TEXT NOT NULL,
    reply_to TEXT,
    custom_reply_to TEXT,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    tags TEXT NOT NULL,
    split_test TEXT,
    first_sent INTEGER,
    last_sent INTEGER,
    scheduled INTEGER,
    updated INTEGER NOT NULL,
    last_activity INTEGER,
    version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS campaign_lists (
    campaign_id INTEGER NOT NULL,
    list_id INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, list_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sends (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    email TEXT,
    is_html INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    opens INTEGER NOT NULL DEFAULT 0,
    clicks INTEGER NOT NULL DEFAULT 0,
    page_views INTEGER NOT NULL DEFAULT 0,
    forwards INTEGER NOT NULL DEFAULT 0,
    estimated_forwards INTEGER NOT NULL DEFAULT 0,
    replies INTEGER NOT NULL DEFAULT 0,
    first_opened INTEGER,
    last_opened INTEGER,
    first_open_ip TEXT,
    unsubscribed INTEGER NOT NULL DEFAULT 0,
    soft_bounced INTEGER NOT NULL DEFAULT 0,
    hard_bounced INTEGER NOT NULL DEFAULT 0,
    mail_blocked INTEGER NOT NULL DEFAULT 0,
    complained INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS sends_activity ON sends (campaign_id, last_activity, id);
CREATE INDEX IF NOT EXISTS sends_contact ON sends (campaign_id, contact_id, sent);
CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    send_id INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS activity_kind ON activity (campaign_id, kind, at, id);
CREATE INDEX IF NOT EXISTS activity_send ON activity (send_id, kind, at);
CREATE TABLE IF NOT EXISTS planned (
    id INTEGER PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    send_id INTEGER NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS planned_at ON planned (at, id);
CREATE TABLE IF NOT EXISTS sendings (
    id TEXT PRIMARY KEY,
    campaign_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    send_date INTEGER NOT NULL,
    status TEXT NOT NULL,
    lists TEXT NOT NULL,
    contacts TEXT NOT NULL,
    course TEXT
);
CREATE INDEX IF NOT EXISTS sendings_at ON sendings (at) WHERE status IN ('NotSent', 'Scheduled', 'Sending');
"""
