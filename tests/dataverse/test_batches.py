"""The multipart format: what we write, and every shape of what may be answered."""

from __future__ import annotations

import pytest

from syncline.dataverse import Operation, batches

API = "https://contoso.crm.dynamics.com/api/data/v9.2/"


def test_each_operation_is_a_part_with_crlf_line_ends() -> None:
    operations = [
        Operation("PATCH", "contacts(1)", {"lastname": "Søn"}, {"If-Match": "*"}),
        Operation("DELETE", "contacts(2)"),
    ]
    body = batches.encoded(operations, API, "b1")
    assert body.count(b"--b1\r\n") == 2
    assert body.endswith(b"--b1--\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert f"PATCH {API}contacts(1) HTTP/1.1\r\n".encode() in body
    assert b"If-Match: *\r\n" in body
    assert '\r\n\r\n{"lastname":"Søn"}\r\n'.encode() in body


ANSWER = (
    "--batchresponse_1\r\n"
    "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    "HTTP/1.1 204 No Content\r\nOData-Version: 4.0\r\n\r\n\r\n"
    "--batchresponse_1\r\n"
    "Content-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n"
    "--changesetresponse_2\r\n"
    "Content-Type: application/http\r\nContent-ID: 1\r\n\r\n"
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"a":"--batchresponse_1"}\r\n'
    "--changesetresponse_2--\r\n\r\n"
    "--batchresponse_1\r\n"
    "Content-Type: application/http\r\n\r\n"
    'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n{"error":{"code":"0x1"}}\r\n'
    "--batchresponse_1--\r\n"
)


@pytest.mark.parametrize("quoted", ["batchresponse_1", '"batchresponse_1"'])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_answers_are_read_in_order_those_of_change_sets_too(quoted: str, line_end: str) -> None:
    content_type = f"multipart/mixed; boundary={quoted}"
    answers = batches.parts(content_type, ANSWER.replace("\r\n", line_end).encode())
    assert [answer.status for answer in answers] == [204, 200, 404]
    assert answers[0].body.strip() == b""
    assert answers[1].body.strip() == b'{"a":"--batchresponse_1"}'
    assert answers[2].headers["content-type"] == "application/json"


def test_a_preamble_is_passed_over() -> None:
    answers = batches.parts("multipart/mixed;boundary=batchresponse_1", b"\r\n" + ANSWER.encode())
    assert len(answers) == 3
