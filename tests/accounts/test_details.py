"""What is wrong with an account's details, told before anybody is called."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accounts.specimens import details
from syncline.accounts.certificates import UnusableCertificateError, read_certificate
from syncline.accounts.details import problems_of, tidied


def problems(*, allow_loopback=False, **changes):
    found = problems_of(tidied(details(**changes)), allow_loopback=allow_loopback)
    return {problem.field: problem.message for problem in found}


def pem(*, passphrase=None, with_key=True, another_key=False):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "syncline")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2024, 1, 1))
        .not_valid_after(dt.datetime(2044, 1, 1))
        .sign(key, hashes.SHA256())
    )
    if another_key:
        key = ec.generate_private_key(ec.SECP256R1())
    encryption = (
        serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    )
    text = certificate.public_bytes(serialization.Encoding.PEM).decode()
    if with_key:
        text += key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        ).decode()
    return text, certificate


def test_good_details_have_no_problem():
    assert problems() == {}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("contoso.crm11.dynamics.com", "https://contoso.crm11.dynamics.com"),
        (" https://Contoso.crm11.dynamics.com/ ", "https://contoso.crm11.dynamics.com"),
        ("https://contoso.crm11.dynamics.com/main.aspx?appid=1#x", "https://contoso.crm11.dynamics.com"),
    ],
)
def test_an_address_is_taken_as_people_paste_it(typed, stored):
    assert tidied(details(dataverse_url=typed)).dataverse_url == stored
    assert problems(dataverse_url=typed) == {}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("r2", "https://r2-api.dotdigital.com"),
        ("R3", "https://r3-api.dotdigital.com"),
        ("https://r1-api.dotdigital.com/", "https://r1-api.dotdigital.com"),
        ("https://r1-api.dotmailer.com/v2", "https://r1-api.dotmailer.com"),
    ],
)
def test_dotdigital_goes_by_region_or_address(typed, stored):
    assert tidied(details(dotdigital_url=typed)).dotdigital_url == stored
    assert problems(dotdigital_url=typed) == {}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://contoso.crm11.dynamics.com",
        "https://contoso.crm11.dynamics.com.example",
        "https://dynamics.com.example/contoso.crm11.dynamics.com",
        "https://evil.example#contoso.crm.dynamics.com",
        "https://user@contoso.crm11.dynamics.com",
        "https://contoso.crm11.dynamics.com:8443",
        "https://169.254.169.254",
        "http://127.0.0.1:8101",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_only_the_vendors_hosts_are_accepted(url):
    assert "is not a Dynamics environment" in problems(dataverse_url=url)["dataverse_url"]
    assert "is not a Dotdigital address" in problems(dotdigital_url=url)["dotdigital_url"]


def test_a_sandbox_is_accepted_where_loopback_is_allowed():
    sandbox = {
        "dataverse_url": "https://127.0.0.1:8443",
        "dataverse_authority": "https://127.0.0.1:8443/tenant",
        "dataverse_ca_file": "/somewhere/ca.pem",
        "dotdigital_url": "http://localhost:8102",
    }
    assert problems(allow_loopback=True, **sandbox) == {}
    refused = problems(**sandbox)
    assert set(refused) == set(sandbox)
    assert "SYNCLINE_ALLOW_LOOPBACK=1" in refused["dataverse_url"]


@pytest.mark.parametrize("authority", ["https://login.evil.example/t", "https://127.0.0.1.evil.example"])
@pytest.mark.parametrize("allow_loopback", [True, False])
def test_the_secret_goes_to_no_other_authority(authority, allow_loopback):
    assert "dataverse_authority" in problems(allow_loopback=allow_loopback, dataverse_authority=authority)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "  "}, "name", "Give the account a name"),
        ({"name": "x" * 201}, "name", "201 characters"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "IANA"),
        ({"tenant_id": "contoso/../other"}, "tenant_id", "directory (tenant) id"),
        ({"tenant_id": ""}, "tenant_id", "directory (tenant) id"),
        ({"client_id": "a b"}, "client_id", "application (client) id"),
        ({"client_secret": ""}, "client_secret", "either a client secret or a client certificate"),
        ({"dotdigital_user": ""}, "dotdigital_user", "API user"),
        ({"dotdigital_password": ""}, "dotdigital_password", "password"),
    ],
)
def test_each_problem_names_its_remedy(changes, field, words):
    assert words in problems(**changes)[field]


def test_details_do_not_show_secrets():
    text = repr(details(client_certificate="PRIVATE"))
    assert "s3cret-of-contoso" not in text
    assert "p4ss-of-contoso" not in text
    assert "PRIVATE" not in text


def test_a_certificate_goes_by_its_thumbprint():
    text, certificate = pem()
    assert read_certificate(text).thumbprint == certificate.fingerprint(hashes.SHA1()).hex().upper()
    assert problems(client_secret="", client_certificate=text) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no certificate", "no private key"),
        (pem(with_key=False)[0], "no private key"),
        (pem()[0].split("-----BEGIN PRIVATE")[1].join(["-----BEGIN PRIVATE", ""]), "no certificate"),
        (pem(passphrase=b"secret")[0], "without a passphrase"),
        (pem(another_key=True)[0], "does not belong"),
    ],
)
def test_an_unusable_certificate_is_told_why(text, words):
    with pytest.raises(UnusableCertificateError, match=words):
        read_certificate(text)
