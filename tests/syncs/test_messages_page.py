"""The reference page of messages says what the program says."""

import re
from pathlib import Path

import pytest

from syncline.syncs.messages import MESSAGES, Message
from syncline.syncs.reasons import REASONS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "messages.md").read_text()
PUBLISHED = [
    "ERROR_DATAFIELD_INVALID - Failed to sync dataLabel {0} to Dotdigital",
    "The CrmEmailCampaign was null. Sync aborted",
    "EmailSendSummaries have failed to sync for this Email Campaign",
    "EmailClicks have failed to sync for this Email Campaign",
    "SocialNetworkBookmarks have failed to sync for this Email Campaign",
    "RoiDetails have failed to sync for this Email Campaign",
    "PageViews have failed to sync for this Email Campaign",
    "Marketing List EmailAccount Id does not match CrmEmailAccountId",
    "CrmMarketingList is null. Sync aborted",
    "Feature is not activated in Dotdigital",
    "Marketing list sync didn't start as Data Label sync failed",
    "No new objects to sync",
    "Internal server error",
]
"""Word for word from the product description's list of common error messages."""


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_stands_on_the_page_with_meaning_and_remedy(code: str) -> None:
    message = MESSAGES[code]
    remedy = "*said beside it*" if message.remedy == "{1}" else message.remedy
    assert f"| {_text(message)} | {message.meaning} | {remedy} |" in PAGE


def _text(message: Message) -> str:
    return "*what happened, in words*" if message.text == "{0}" else f"`{message.text}`"


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_stands_on_the_page_with_its_remedy(code: str) -> None:
    reason = REASONS[code]
    assert f"| `{code}` | {reason.words} | {reason.remedy or '–'} |" in PAGE


def test_nothing_stands_on_the_page_that_the_program_does_not_say() -> None:
    told = ({message.text for message in MESSAGES.values()} - {"{0}"}) | set(REASONS)
    assert set(re.findall(r"^\| `([^`]+)`", PAGE, re.MULTILINE)) == told


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_messages_are_used_word_for_word(text: str) -> None:
    published = PAGE[PAGE.index("## The product's published messages") : PAGE.index("## Our own")]
    assert f"| `{text}` |" in published
