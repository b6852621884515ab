"""Invented people, the same on every machine, so that both demo seeds know the same persons.

``people(n, seed)`` always begins with the same persons, whatever ``n`` is. Every address ends in
``.example``, a domain that is reserved and can never receive mail; telephone numbers lie in ranges kept
for fiction where a country has one, and may be shared. Nobody here exists.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# Every so many persons, something that real address data holds and careless code trips over.
MIXED_CASE_EVERY = 23
EMOJI_NICKNAME_EVERY = 41
# From here on the number is part of the address, so that uniqueness needs no memory of all earlier addresses.
NUMBERED_FROM = 5000


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person."""

    number: int
    first: str
    last: str
    nickname: str
    email: str
    gender: str
    birthdate: date
    phone: str
    street: str
    postcode: str
    city: str
    country: str
    language: str
    company: str
    job_title: str
    interest: str
    loyalty_points: int
    customer_since: date

    @property
    def full_name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class _Country:
    name: str
    language: str
    weight: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    last: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    phone: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


_COUNTRIES = (
    _Country(
        "United Kingdom", "en", 30,
        _words("Amelia Olivia Isla Freya Grace Harriet Imogen Poppy Rosie Siân Niamh Aoife"),
        _words("Oliver George Harry Arthur Callum Rhys Ewan Finlay Hamish Toby Declan Jude"),
        _phrases("Smith|O'Brien|Taylor|Hughes|O'Connor|MacLeod|Whitfield|Barnes-Hall|Pryce|Shaw|Okafor|Ellis"),
        (("Leeds", "LS1 4AP"), ("Bristol", "BS1 6QA"), ("Edinburgh", "EH3 9DR"), ("Cardiff", "CF10 2AF"),
         ("Keswick", "CA12 5JR"), ("Belfast", "BT1 5GS")),
        _phrases("Mill Lane|High Street|Station Road|The Crescent|Church Walk"), "+447700900",
    ),
    _Country(
        "Germany", "de", 22,
        _words("Käthe Jördis Sünje Anna Lena Mia Grete Ulrike Änne Heike Frieda Luise"),
        _words("Jürgen Jörg Günther Lukas Paul Björn Matthias Rüdiger Emil Kai Sören Thomas"),
        _phrases("Müller|Schröder|Groß|Weiß|von der Heide|Bäcker|Köhler|Jäger|Schäfer|Vogel|Krüger|Löwe"),
        (("München", "80331"), ("Köln", "50667"), ("Düsseldorf", "40213"), ("Görlitz", "02826"),
         ("Garmisch-Partenkirchen", "82467")),
        _phrases("Hauptstraße|Am Mühlbach|Goethestraße|Königsallee|Bergweg"), "+4930231250",
    ),
    _Country(
        "France", "fr", 12,
        _words("Élodie Zoé Anaïs Chloé Hélène Maëlys Inès Léa"),
        _words("François Rémi Loïc Théo Étienne Noël Mathis Jérôme"),
        _phrases("Lefèvre|D'Amico|Dubois|Garçon|L'Hermite|Benoît|Moreau|Saint-Exupéry"),
        (("Grenoble", "38000"), ("Besançon", "25000"), ("Chambéry", "73000"), ("Orléans", "45000")),
        _phrases("rue de l'Église|avenue Jean-Jaurès|place du Marché"), "+3319900",
    ),
    _Country(
        "Spain", "es", 8,
        _words("Lucía Begoña Inés María Sofía Nuria"),
        _words("Íñigo Andrés Álvaro Joaquín Martín Óscar"),
        _phrases("Núñez|Ibáñez|García Márquez|Peña|Ordóñez|de la Fuente"),
        (("Logroño", "26001"), ("Málaga", "29001"), ("León", "24001")),
        _phrases("calle Mayor|paseo de la Estación|plaza de España"), "+34910000",
    ),
    _Country(
        "Poland", "pl", 7,
        _words("Łucja Małgorzata Agnieszka Zofia Żaneta"),
        _words("Łukasz Paweł Michał Grzegorz Bogusław"),
        _phrases("Wójcik|Kowalski|Dąbrowski|Źródłowski|Święch"),
        (("Kraków", "31-001"), ("Łódź", "90-001"), ("Zakopane", "34-500")),
        _phrases("ulica Długa|Rynek Główny|ulica Krótka"), "+48221234",
    ),
    _Country(
        "Denmark", "da", 6,
        _words("Bodil Søs Åse Freja Kirsten"),
        _words("Søren Åge Bjørn Rasmus Jørgen"),
        _phrases("Østergård|Sørensen|Kjær|Bøgh|Nørby"),
        (("Aarhus", "8000"), ("Ærøskøbing", "5970"), ("Ålborg", "9000")),
        _phrases("Søndergade|Strandvejen|Ågade"), "+4532000",
    ),
    _Country(
        "Greece", "el", 4,
        _words("Ελένη Μαρία Κατερίνα"), _words("Γιώργος Νίκος Δημήτρης"),
        _phrases("Παπαδόπουλος|Γεωργίου|Αντωνίου"),
        (("Αθήνα", "105 57"), ("Θεσσαλονίκη", "546 24")), _phrases("οδός Ερμού|οδός Αθηνάς"), "+30210000",
    ),
    _Country(
        "Israel", "he", 4,
        _words("נועה תמר יעל"), _words("דוד אורי איתן"), _phrases("כהן|לוי|בן־דוד"),
        (("תל אביב", "6100000"), ("חיפה", "3100000")), _phrases("רחוב הרצל|שדרות רוטשילד"), "+97230000",
    ),
    _Country(
        "United Arab Emirates", "ar", 4,
        _words("فاطمة مريم نورة"), _words("محمد خالد يوسف"), _phrases("الحسن|القاسم|العلي"),
        (("دبي", "00000"), ("أبوظبي", "00000")), _phrases("شارع الشيخ زايد|شارع الميناء"), "+97140000",
    ),
    _Country(
        "Japan", "ja", 3,
        _words("さくら 陽子 美咲"), _words("健太 翔 大輔"), _phrases("田中|佐藤|山本"),
        (("東京", "100-0001"), ("札幌市", "060-0001")), _phrases("丸の内|大通西"), "+81300000",
    ),
)  # fmt: skip

_COMPANIES = _phrases(
    "Northwind Traders|Lakeside Outfitters|Fjäll & Fell|Summit Cycles|Müller Alpinbedarf|Café L'Étape|"
    "Riverbend Canoes|Green Lane Hostels|Peak District Guides|Søren's Surf|Old Mill Bakery|"
    "Harbour Rope Works|Tannenhof Hotel|Trailhead Media|Aurora Optics|Coast to Coast Ltd"
)
_JOBS = _phrases(
    "Buyer|Owner|Guide|Marketing Manager|Head of Retail|Outdoor Instructor|Designer|Accountant|Nurse|"
    "Teacher|Store Manager"
)
_INTERESTS = _phrases("Hiking|Climbing|Cycling|Paddling|Skiing|Camping|Trail Running")
_NICKNAMES = ("Max 🏔️", "🐻 Bear", "Speedy 🚴‍♀️", "Mo ✨", "Captain 🛶")

# Letters that Unicode decomposition leaves as they are, and scripts that need a table.
_LATIN = str.maketrans(
    {
        "ß": "ss",
        "ø": "oe",
        "æ": "ae",
        "å": "aa",
        "ł": "l",
        "đ": "d",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "'": "",
        "’": "",
    }
)
_LATIN_NAMES = {
    "Ελένη": "eleni", "Μαρία": "maria", "Κατερίνα": "katerina", "Γιώργος": "giorgos", "Νίκος": "nikos",
    "Δημήτρης": "dimitris", "Παπαδόπουλος": "papadopoulos", "Γεωργίου": "georgiou", "Αντωνίου": "antoniou",
    "נועה": "noa", "תמר": "tamar", "יעל": "yael", "דוד": "david", "אורי": "uri", "איתן": "eitan",
    "כהן": "cohen", "לוי": "levi", "בן־דוד": "bendavid",
    "فاطمة": "fatima", "مريم": "maryam", "نورة": "noura",
    "محمد": "mohammed", "خالد": "khalid", "يوسف": "yousef",
    "الحسن": "alhassan", "القاسم": "alqasim", "العلي": "alali",
    "さくら": "sakura", "陽子": "yoko", "美咲": "misaki", "健太": "kenta", "翔": "sho", "大輔": "daisuke",
    "田中": "tanaka", "佐藤": "sato", "山本": "yamamoto",
}  # fmt: skip

_BIRTHDATES_FROM = date(1946, 1, 1)
_CUSTOMERS_FROM = date(2012, 3, 1)


def people(n: int, seed: int = 7) -> Iterator[Person]:
    """The first ``n`` persons of this seed; the addresses, compared without case, are all different."""
    taken: set[str] = set()
    for number in range(n):
        yield _person(number, seed, taken)


def _person(number: int, seed: int, taken: set[str]) -> Person:
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - invented data, nothing secret
    country = chance.choices(_COUNTRIES, [c.weight for c in _COUNTRIES])[0]
    gender = chance.choice(("Female", "Male"))
    first = chance.choice(country.women if gender == "Female" else country.men)
    last = chance.choice(country.last)
    company = chance.choice(_COMPANIES)
    city, postcode = chance.choice(country.cities)
    return Person(
        number=number,
        first=first,
        last=last,
        nickname=chance.choice(_NICKNAMES) if number % EMOJI_NICKNAME_EVERY == 8 else "",
        email=_email(number, first, last, company, taken),
        gender=gender,
        birthdate=_BIRTHDATES_FROM + timedelta(days=chance.randrange(21_900)),
        phone=f"{country.phone}{chance.randrange(1000):03d}",
        street=f"{chance.choice(country.streets)} {chance.randrange(1, 120)}",
        postcode=postcode,
        city=city,
        country=country.name,
        language=country.language,
        company=company,
        job_title=chance.choice(_JOBS),
        interest=chance.choice(_INTERESTS),
        loyalty_points=chance.randrange(0, 5000, 10),
        customer_since=_CUSTOMERS_FROM + timedelta(days=chance.randrange(4_700)),
    )


def _email(number: int, first: str, last: str, company: str, taken: set[str]) -> str:
    local = f"{_ascii(first)}.{_ascii(last)}"
    domain = f"{_ascii(company)}.example"
    if number >= NUMBERED_FROM:
        return f"{local}.{number}@{domain}"
    email, repeat = f"{local}@{domain}", 1
    while email in taken:
        repeat += 1
        email = f"{local}{repeat}@{domain}"
    taken.add(email)
    if number % MIXED_CASE_EVERY == 11:
        return ".".join(part.capitalize() for part in email.split("."))
    return email


def _ascii(text: str) -> str:
    """Letters and digits of an address part: ``Groß`` becomes ``gross``, ``L'Étape`` ``letape``."""
    known = _LATIN_NAMES.get(text)
    if known is not None:
        return known
    flat = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    kept = (c for c in flat if not unicodedata.combining(c))
    return re.sub("-+", "-", "".join(c if c.isascii() and c.isalnum() else "-" for c in kept)).strip("-")
