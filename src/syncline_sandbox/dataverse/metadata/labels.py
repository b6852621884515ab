"""Labels: one language, English (1033), in the API's verbose form."""

from __future__ import annotations

from typing import Any

LANGUAGE = 1033


def label(text: str | None, *, managed: bool = True) -> dict[str, Any]:
    if not text:
        return {"LocalizedLabels": [], "UserLocalizedLabel": None}
    localized = {
        "Label": text,
        "LanguageCode": LANGUAGE,
        "IsManaged": managed,
        "MetadataId": None,
        "HasChanged": None,
    }
    return {"LocalizedLabels": [localized], "UserLocalizedLabel": dict(localized)}


def text_of(value: Any) -> str:
    """The text in a label of a request: the user's language first, then any."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    found = [item for item in value.get("LocalizedLabels") or [] if isinstance(item, dict)]
    mine = next((item for item in found if item.get("LanguageCode") == LANGUAGE), None)
    chosen = mine or (found[0] if found else value.get("UserLocalizedLabel")) or {}
    return str(chosen.get("Label") or "")


def managed(value: bool, name: str, *, can_change: bool = True) -> dict[str, Any]:
    """A managed property."""
    return {"Value": value, "CanBeChanged": can_change, "ManagedPropertyLogicalName": name}
