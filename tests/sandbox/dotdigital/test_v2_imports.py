"""v2 imports: a JSON collection, base64 files and multipart; status, report and file of faults."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest

from .api import Answer, Api

CSV = "Email,Firstname,Lastname,NOSUCH\nalice@p.example,Alice,Ager,x\nbob@p.example,Bob,,y\n"


def encoded(text: str | bytes, name: str = "people.csv") -> dict[str, str]:
    data = text if isinstance(text, bytes) else text.encode()
    return {"fileName": name, "data": base64.b64encode(data).decode()}


def finish(api: Api, started: Answer) -> dict[str, Any]:
    """The report of an import that was started, after it ended."""
    assert started.status == 202, started.raw
    assert started.json["status"] == "NotFinished"
    api.control.advance(600)
    assert api.ok("GET", f"/v2/contacts/import/{started.json['id']}")["status"] == "Finished"
    return dict(api.ok("GET", f"/v2/contacts/import/{started.json['id']}/report"))


def faults(api: Api, started: Answer) -> list[str]:
    answer = api.get(f"/v2/contacts/import/{started.json['id']}/report-faults")
    assert answer.headers["content-type"].startswith("text/csv")
    return answer.raw.decode().splitlines()


def multipart(file_name: str | None, data: bytes) -> tuple[bytes, str]:
    disposition = 'form-data; name="file"' + (f'; filename="{file_name}"' if file_name else "")
    head = f"--XX\r\nContent-Disposition: {disposition}\r\nContent-Type: text/csv\r\n\r\n"
    return head.encode() + data + b"\r\n--XX--\r\n", "multipart/form-data; boundary=XX"


def test_a_collection_is_applied_later(api: Api) -> None:
    news = api.new_list("News")
    body = {
        "AddressBookIds": [news],
        "mergeOption": "Overwrite",
        "contacts": [
            {
                "email": "Alice@P.example",
                "optInType": "Double",
                "mobileNumberId": "+447123123123",
                "dataFields": [{"key": "FIRSTNAME", "value": "Alice"}],
                "consentFields": [{"key": "TEXT", "value": "Yes"}],
            },
            {"email": "broken"},
            {"email": "alice@p.example"},
        ],
    }
    started = api.post("/v2/contacts/import-collection", body)
    assert api.ok("GET", "/v2/contacts/count") == 0
    early = api.get(f"/v2/contacts/import/{started.json['id']}/report")
    assert (early.status, early.error) == (404, "ERROR_IMPORT_REPORT_NOT_FOUND")
    report = finish(api, started)
    assert (report["newContacts"], report["invalidEntries"], report["duplicateEmails"]) == (1, 1, 1)
    assert faults(api, started) == [
        "Reason,Email,FIRSTNAME",
        "Invalid Email,broken,",
        "Duplicate,alice@p.example,",
    ]
    alice = api.contact("alice@p.example")
    assert alice["identifiers"]["mobileNumber"] == "447123123123"
    assert alice["channelProperties"]["email"]["optInType"] == "Double"
    # v3 has no room for a consent record that lacks parts; v2 tells it.
    assert alice["consentRecords"] == []
    consents = api.ok("GET", "/v2/contacts/alice@p.example/with-consent")["consentFields"]
    assert consents[0]["fields"] == [{"key": "TEXT", "value": "Yes"}]
    assert api.members(news) == {"alice@p.example"}


def test_an_unknown_field_or_list_refuses_a_collection(api: Api) -> None:
    contact = {"email": "a@p.example", "dataFields": [{"key": "NOSUCH", "value": "x"}]}
    assert (
        api.post("/v2/contacts/import-collection", {"contacts": [contact]}).error
        == "ERROR_DATAFIELD_NOTFOUND"
    )
    body = {"contacts": [{"email": "a@p.example"}], "addressBookIds": [4711]}
    assert api.post("/v2/contacts/import-collection", body).error == "ERROR_ADDRESSBOOK_NOT_FOUND"
    assert api.post("/v2/contacts/import-collection", {}).error == "ERROR_CONTACTS_ARE_NOT_SPECIFIED"


def test_a_file_ignores_columns_that_are_no_field(api: Api) -> None:
    report = finish(api, api.post("/v2/contacts/import", encoded(CSV)))
    assert (report["newContacts"], report["failures"]) == (2, 0)
    fields = api.contact("alice@p.example")["dataFields"]
    assert (fields["FIRSTNAME"], fields["LASTNAME"]) == ("Alice", "Ager")


def test_a_file_into_a_list(api: Api) -> None:
    news = api.new_list("News")
    finish(api, api.post(f"/v2/address-books/{news}/contacts/import", encoded(CSV)))
    assert api.members(news) == {"alice@p.example", "bob@p.example"}
    answer = api.post("/v2/address-books/4711/contacts/import", encoded(CSV))
    assert answer.error == "ERROR_ADDRESSBOOK_NOT_FOUND"


def test_multipart_needs_a_file_name(api: Api) -> None:
    body, content_type = multipart("people.csv", CSV.encode())
    started = api.call("POST", "/v2/contacts/import", body, Content_Type=content_type)
    assert finish(api, started)["newContacts"] == 2
    body, content_type = multipart(None, CSV.encode())
    refused = api.call("POST", "/v2/contacts/import", body, Content_Type=content_type)
    assert (refused.status, refused.error) == (400, "file must be valid")


def test_a_workbook(api: Api) -> None:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = (
        f"<worksheet {space}><sheetData>"
        '<row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="C1" t="inlineStr"><is><t>FIRSTNAME</t></is></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c>'
        '<c r="C2" t="inlineStr"><is><t>Zoë</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    strings = f"<sst {space}><si><t>EMAIL</t></si><si><t>zoe@p.example</t></si></sst>"
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        archive.writestr("xl/sharedStrings.xml", strings)
    finish(api, api.post("/v2/contacts/import", encoded(book.getvalue(), "people.xlsx")))
    assert api.contact("zoe@p.example")["dataFields"]["FIRSTNAME"] == "Zoë"


@pytest.mark.parametrize(
    ("option", "first", "last"),
    [
        ("0", "New", None),
        ("1", "New", "Old"),
        ("2", "Old", "Old"),
        ("Overwrite", "New", None),
        ("onlyOverwriteIfNotEmpty", "New", "Old"),
        ("OnlyOverwriteIfContactDataNotPopulated", "Old", "Old"),
    ],
)
def test_merge_options_by_number_and_by_name(api: Api, option: str, first: str, last: str | None) -> None:
    api.new_contact("a@p.example", FIRSTNAME="Old", LASTNAME="Old")
    text = "EMAIL;FIRSTNAME;LASTNAME\na@p.example;New;\n"
    finish(api, api.post(f"/v2/contacts/import/with-merge-option/{option}", encoded(text)))
    fields = api.contact("a@p.example")["dataFields"]
    assert (fields["FIRSTNAME"], fields["LASTNAME"]) == (first, last)


def test_an_unknown_merge_option(api: Api) -> None:
    answer = api.post("/v2/contacts/import/with-merge-option/7", encoded(CSV))
    assert (answer.status, answer.error) == (400, "ERROR_PARAMETER_INVALID")


def test_consent_and_preference_columns(api: Api) -> None:
    ids = api.control.seed(preferences=[{"name": "Topics", "preferences": ["Hiking", "Skiing"]}])[
        "preferences"
    ]
    text = (
        "Email,ConsentText,ConsentURL,ConsentDateTime,ConsentIP,ConsentUserAgent,Preference:Hiking,"
        "Preference:Topics>Skiing\n"
        "a@p.example,Yes,https://s.example,2024-01-01T00:00:00Z,192.0.2.7,Browser,True,False\n"
    )
    finish(api, api.post("/v2/contacts/import", encoded(text)))
    alice = api.contact("a@p.example")
    assert alice["consentRecords"][0]["ipAddress"] == "192.0.2.7"
    assert [entry["id"] for entry in alice["preferences"]] == [ids["Hiking"]]


def test_files_that_cannot_be_taken(api: Api) -> None:
    assert api.post("/v2/contacts/import", encoded("Name\nAlice\n")).error == "ERROR_NO_EMAIL_COLUMN"
    assert (
        api.post("/v2/contacts/import", encoded(CSV, "people.pdf")).error == "ERROR_IMPORT_UNSUPPORTED_FORMAT"
    )
    assert (
        api.post("/v2/contacts/import", {"fileName": "a.csv", "data": "§"}).error == "ERROR_PARAMETER_INVALID"
    )
    assert api.post("/v2/contacts/import", {"data": "YQ=="}).error == "ERROR_PARAMETER_INVALID"
    started = api.post("/v2/contacts/import", encoded(b"no zip at all", "people.xlsx"))
    assert started.status == 202
    api.control.advance(60)
    assert api.ok("GET", f"/v2/contacts/import/{started.json['id']}")["status"] == "InvalidFileFormat"


def test_the_limit_of_active_imports(api: Api) -> None:
    api.control.settings(max_active_imports=2)
    for _ in range(2):
        assert api.post("/v2/contacts/import", encoded(CSV)).status == 202
    refused = api.post("/v2/contacts/import", encoded(CSV))
    assert (refused.status, refused.error) == (400, "ERROR_IMPORT_TOOMANYACTIVEIMPORTS")
    # v2 and v3 share the limit.
    body = {"contacts": [{"matchIdentifier": "email", "identifiers": {"email": "a@p.example"}}]}
    assert api.put("/contacts/v3/import", body).error == "contacts:tooManyActiveImports"
    api.control.advance(60)
    assert api.post("/v2/contacts/import", encoded(CSV)).status == 202


def test_faults_are_kept_for_a_week(api: Api) -> None:
    started = api.post("/v2/contacts/import", encoded("Email\nbroken\n"))
    finish(api, started)
    assert faults(api, started) == ["Reason,Email", "Invalid Email,broken"]
    api.control.advance(8 * 86_400)
    late = api.get(f"/v2/contacts/import/{started.json['id']}/report-faults")
    assert (late.status, late.error) == (404, "ERROR_IMPORT_REPORT_NOT_FOUND")
    unknown = api.get("/v2/contacts/import/af4ac4bc-e1e7-4817-8a66-73fb59e91ce6")
    assert (unknown.status, unknown.error) == (404, "ERROR_IMPORT_NOT_FOUND")


def test_the_watchdog_and_the_contact_limit_refuse_whole_imports(api: Api) -> None:
    text = "Email\n" + "".join(f"info@shop{n}.example\n" for n in range(30))
    text += "".join(f"person{n}@p.example\n" for n in range(30))
    for content, settings, status in (
        (text, {}, "RejectedByWatchdog"),
        ("Email\na@p.example\nb@p.example\n", {"contact_limit": 1}, "ExceedsAllowedContactLimit"),
    ):
        api.control.settings(**settings)
        started = api.post("/v2/contacts/import", encoded(content))
        api.control.advance(60)
        assert api.ok("GET", f"/v2/contacts/import/{started.json['id']}")["status"] == status
        assert api.ok("GET", "/v2/contacts/count") == 0


def test_rows_rejected_on_demand(api: Api) -> None:
    api.control.fault("reject_record", match="bob@", times=None)
    started = api.post("/v2/contacts/import", encoded(CSV))
    report = finish(api, started)
    assert (report["newContacts"], report["failures"]) == (1, 1)
    assert faults(api, started)[1].startswith("Failures,bob@p.example,Bob")
