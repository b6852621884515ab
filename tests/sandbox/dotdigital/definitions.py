"""The vendor's published OpenAPI definitions, as a judge of answers.

They are looked for in the folder that SYNCLINE_CONTRACTS names, or in ``../shared/contracts`` beside the
repository. Where a definition slips, the slip is named below with its reason, and the answer is held
against what was meant.
"""

from __future__ import annotations

import copy
import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

V2_FILE = "dotdigital-v2-api-swagger.json"
V3_FILE = "dotdigital-contacts-service.json"
INSIGHT_FILE = "dotdigital-insight-data-service.json"
REPOSITORY = Path(__file__).resolve().parents[3]

REF = "#/components/schemas/"

# Closed objects joined by allOf: nothing can satisfy both, so they are merged into one closed object.
JOINED_CLOSED_OBJECTS = (
    "ApiContactExtended",
    "ApiContactWithConsentAndPreferences",
    "ApiCampaignExtended",
    "ApiCampaignWithType",
)
# Required texts, which the vendor's own examples of lists show as null.
CAMPAIGN_CONTENT = ("htmlContent", "plainTextContent")

# specA calls these answers a binary stream; the newer definitions show the JSON that is meant.
MEANT: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/v2/preferences"): {"type": "array", "items": {"$ref": REF + "ApiPreference"}},
    ("GET", "/v2/preferences/modified-since/{sinceDate}"): {
        "type": "array",
        "items": {"$ref": REF + "ApiPreference"},
    },
    ("POST", "/v2/preferences"): {"$ref": REF + "ApiPreference"},
    ("PUT", "/v2/preferences/{id}"): {"$ref": REF + "ApiPreference"},
    ("GET", "/v2/contacts/{contactID}/preferences"): {
        "type": "array",
        "items": {"$ref": REF + "ApiPreference"},
    },
    ("GET", "/v2/contacts/{contactEmail}/preferences"): {
        "type": "array",
        "items": {"$ref": REF + "ApiPreference"},
    },
    # The definition names the plain campaign, the newer one's example tells the type too.
    ("GET", "/v2/campaigns"): {"type": "array", "items": {"$ref": REF + "ApiCampaignWithType"}},
    ("GET", "/v2/contacts/{contactEmail}/subscriptions"): {"$ref": REF + "ApiContactWithPreferenceOptIn"},
    # Without any schema in specA.
    ("POST", "/v2/data-fields"): {"$ref": REF + "ApiDataField"},
}

# The flat rate limit is documented with one body for all calls, which is not v3's errorResponse.
FLAT_LIMIT = b"ERROR_APIUSAGE_EXCEEDED"

# Statuses that the definitions leave out and the documentation names: log-in, region, size, rate, not found …
UNDESCRIBED = frozenset({400, 401, 403, 404, 405, 409, 412, 413, 429, 500, 503})


def folder() -> Path | None:
    """Where the definitions lie, or None."""
    named = os.environ.get("SYNCLINE_CONTRACTS")
    places = [Path(named)] if named else [REPOSITORY.parent / "shared" / "contracts"]
    for place in places:
        for inner in (place, place / "dotdigital-openapi"):
            if all((inner / name).exists() for name in (V2_FILE, V3_FILE, INSIGHT_FILE)):
                return inner
    return None


class Definitions:
    """Checks statuses and bodies of answers; raises AssertionError with what does not fit."""

    def __init__(self, place: Path) -> None:
        self._v2 = _mended_v2(json.loads((place / V2_FILE).read_text()))
        self._v3 = _mended_v3(json.loads((place / V3_FILE).read_text()))
        self._insight = _mended_insight(json.loads((place / INSIGHT_FILE).read_text()))
        self.checked: set[tuple[str, str]] = set()

    def check(self, method: str, path: str, status: int, raw: bytes) -> None:
        bare = path.partition("?")[0]
        document = self._document(bare)
        template = _template(document, method, bare)
        if template is None:
            # Custom identifiers and control routes are in no published file.
            return
        responses = document["paths"][template][method.lower()]["responses"]
        response = responses.get(str(status))
        if response is None:
            assert status in UNDESCRIBED, (
                f"{method} {template} answers {status}, described: {list(responses)}"
            )
            return
        if FLAT_LIMIT in raw:
            return
        self.checked.add((method, template))
        schema = MEANT.get((method, template)) if status < 300 else None
        for content_type, content in response.get("content", {}).items():
            if schema is None and content_type.endswith("json"):
                schema = content.get("schema")
        if schema is not None:
            _validate(document, schema, json.loads(raw), f"{method} {template} {status}")

    def _document(self, path: str) -> dict[str, Any]:
        if path.startswith("/v2/"):
            return self._v2
        return self._insight if path.startswith("/insightData/") else self._v3

    def operations(self) -> set[tuple[str, str]]:
        """Every (method, path) that the files describe."""
        return {
            (method.upper(), path)
            for document in (self._v2, self._v3, self._insight)
            for path, item in document["paths"].items()
            for method in item
            if method in ("get", "put", "post", "delete", "patch")
        }


@cache
def definitions() -> Definitions | None:
    place = folder()
    return None if place is None else Definitions(place)


def _validate(document: dict[str, Any], schema: dict[str, Any], body: Any, what: str) -> None:
    validator = OAS30Validator(
        {**schema, "components": document["components"]}
        if "$ref" not in schema
        else {"allOf": [schema], "components": document["components"]},
        format_checker=oas30_format_checker,
    )
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(body)]
    assert not errors, f"{what}: {errors[:5]}"


def _template(document: dict[str, Any], method: str, path: str) -> str | None:
    """The described path that fits; fixed words before parameters, and numbers before addresses."""
    fits = [
        template
        for template, item in document["paths"].items()
        if method.lower() in item and _pattern(document, template, method).fullmatch(path)
    ]
    return min(fits, key=lambda template: (template.count("{"), "mail" in template), default=None)


def _pattern(document: dict[str, Any], template: str, method: str) -> re.Pattern[str]:
    numbers = {
        parameter["name"]
        for parameter in document["paths"][template][method.lower()].get("parameters", [])
        if parameter["in"] == "path" and parameter["schema"].get("type") == "integer"
    }
    parts = re.split(r"\{(\w+)\}", template)
    names = parts[1::2]
    text = re.escape(parts[0])
    for name, rest in zip(names, parts[2::2], strict=True):
        text += (r"\d+" if name in numbers else r"[^/]+") + re.escape(rest)
    return re.compile(text)


def _mended_v2(document: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    for name in ("ApiCampaign", "ApiCampaignDetails"):
        for text in CAMPAIGN_CONTENT:
            schemas[name]["properties"][text]["nullable"] = True
    for schema in schemas.values():
        for name, part in schema.get("properties", {}).items():
            # "nullable" beside "oneOf" allows nothing by the letter; the vendor's examples show null.
            if part.get("nullable") and "oneOf" in part:
                schema["properties"][name] = {"anyOf": [*part["oneOf"], {"enum": [None], "nullable": True}]}
    # The newer definition requires it; the full one is closed and older.
    metrics = schemas["ApiCampaignReportModelExtended"]["properties"]
    metrics["lastDateSent"] = {"type": "string", "format": "date-time"}
    for name in JOINED_CLOSED_OBJECTS:
        schemas[name] = _joined(schemas, name)
    return document


def _joined(schemas: dict[str, Any], name: str) -> dict[str, Any]:
    joined: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
    for part in schemas[name]["allOf"]:
        whole = schemas[part["$ref"].removeprefix(REF)] if "$ref" in part else part
        joined["properties"].update(whole.get("properties", {}))
    return joined


def _mended_v3(document: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    # A closed object again, to which what is read adds "dateTimeCreated".
    schemas["consentRecord"]["properties"]["dateTimeCreated"] = {"type": "string", "format": "date-time"}
    # {"email": "…"} fits both the e-mail form and the form for custom identifiers, so "one of" cannot be
    # meant.
    schemas["contactIdentifier"]["anyOf"] = schemas["contactIdentifier"].pop("oneOf")
    return document


def _mended_insight(document: dict[str, Any]) -> dict[str, Any]:
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    name = "returnedInsightRecord"
    schemas[name] = _joined(schemas, name) | {"required": ["key", "json", "created", "updated"]}
    # Declared an object, shown as a list.
    schemas["inline_response_200_3"]["properties"]["schema"] = {}
    # The example of an import that has ended says so; the list of words does not hold it.
    schemas["inline_response_200"]["properties"]["status"]["enum"].append("Finished")
    return document
