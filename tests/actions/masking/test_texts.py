"""A known secret is removed from text in every form in which it may come."""

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.masking import MASK, scrub, scrubbed
from tests.actions.properties import often

SECRET = 'pä"ss\\w/o<r>d +&%1'
# Long enough that a part of it cannot stand in the rest of a text by chance.
secret_texts = st.text(min_size=8, max_size=30).filter(lambda text: len(set(text.strip())) >= 6)


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(SECRET).replace("/", "\\/"),
        repr(SECRET),
        repr({"p": SECRET}),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        urlencode({"p": SECRET}),
        quote(SECRET, safe="")
        .replace("%C3%A4", "%c3%a4")
        .replace("%2F", "%2f")
        .replace("%5C", "%5c")
        .replace("%3C", "%3c")
        .replace("%3E", "%3e")
        .replace("%2B", "%2b"),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_replaced_however_it_is_written(written):
    text = scrub(f"before {written} after", [SECRET])

    assert text.startswith("before ")
    assert text.endswith(" after")
    assert MASK in text
    assert len(text) < len("before  after") + len(MASK) + 12


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "user", "someone"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
def test_a_secret_inside_of_a_longer_base64_is_replaced(user, after):
    header = base64.b64encode(f"{user}:correct-horse{after}".encode()).decode()

    text = scrub(f"Authorization: Basic {header}", ["correct-horse"])

    assert MASK in text
    left = text.removeprefix("Authorization: Basic ").replace(MASK, "")
    assert len(left) <= len(header) - len("correct-horse") * 8 // 6 + 1


def test_both_alphabets_of_base64_are_known():
    secret = "~~~???>>>~~~"
    plain, for_urls = base64.b64encode(secret.encode()), base64.urlsafe_b64encode(secret.encode())

    assert plain != for_urls
    assert scrub(plain.decode(), [secret]) == MASK
    assert scrub(for_urls.decode(), [secret]) == MASK


@often
@given(st.text(), st.text(), secret_texts)
def test_no_secret_survives_in_any_text(before, after, secret):
    assert secret not in scrub(before + secret + after, [secret])


def test_a_short_secret_would_garble_the_text_and_is_left():
    assert scrub("a 12345 b", ["12345"]) == "a 12345 b"
    assert scrub("a 123456 b", ["123456"]) == f"a {MASK} b"
    assert scrub("a b", ["", "      "]) == "a b"


def test_of_secrets_that_contain_each_other_the_longer_goes_first():
    assert scrub("hunter2-and-more hunter2", ["hunter2", "hunter2-and-more"]) == f"{MASK} {MASK}"


def test_each_long_line_of_a_secret_is_a_secret():
    key = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA7\nshort\n-----END KEY-----"

    assert "MIIEowIBAAKCAQEA7" not in scrub("at line MIIEowIBAAKCAQEA7", [key])
    assert scrub("a short text", [key]) == "a short text"


def test_white_space_around_a_secret_does_not_protect_it():
    assert scrub("got hunter2!", [" hunter2!\n"]) == f"got {MASK}"


def test_bytes_of_the_environment_that_are_no_text_can_be_secrets():
    secret = b"\xff\xfesecret".decode("utf-8", "surrogateescape")

    assert scrub(f"a {secret} b", [secret]) == f"a {MASK} b"


def test_every_text_and_name_of_a_value_is_scrubbed():
    value = {"a hunter2!": ["x hunter2!", 5, None, {"b": "hunter2!"}]}

    assert scrubbed(value, ["hunter2!"]) == {f"a {MASK}": [f"x {MASK}", 5, None, {"b": MASK}]}
    assert scrubbed(value, []) == value
    assert scrubbed(value, ["abc"]) == value


def test_a_value_that_is_nested_without_measure_is_masked_and_not_followed():
    value: object = "hunter2!"
    for _ in range(100_000):
        value = [value]

    shown = scrubbed(value, ["hunter2!"])

    for _ in range(65):
        (shown,) = shown
    assert shown == MASK


@pytest.mark.parametrize("secret", ["Cänärÿ~plain-xyz", "???>>>???>>>"])
def test_its_base64_as_a_value_in_a_url_is_replaced(secret):
    form = quote(base64.b64encode(secret.encode()).decode(), safe="")

    assert form.rstrip("%3D")[:-4] not in scrub(f"https://example.com/?auth={form}", [secret])


HARD = "Zq!w(7)*x'y/k~L&m<8> \\"


def all_quoted(text, escape):
    return "".join(escape(character) for character in text)


@pytest.mark.parametrize(
    "written",
    [
        # encodeURIComponent, the WHATWG's form, and whoever escapes everything
        quote(HARD, safe="!~*'()"),
        quote_plus(HARD, safe="*-._"),
        "".join(f"%{byte:02x}" for byte in HARD.encode()),
        quote(quote(HARD, safe=""), safe=""),
        # JSON that is to be safe in HTML, JavaScript, JSON in JSON
        json.dumps(HARD).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003E"),
        all_quoted(HARD, lambda one: f"\\u{ord(one):04X}"),
        all_quoted(HARD, lambda one: f"\\x{ord(one):02x}"),
        all_quoted(HARD, lambda one: f"\\u{{{ord(one):x}}}"),
        json.dumps(json.dumps(HARD)),
        # HTML by numbers and names
        all_quoted(HARD, lambda one: f"&#{ord(one)};"),
        all_quoted(HARD, lambda one: f"&#x{ord(one):X};"),
        html.escape(HARD).replace("(", "&lpar;").replace("!", "&excl;").replace("'", "&apos;"),
        # Mixed
        html.escape(quote(HARD, safe="&'<>")),
    ],
)
def test_each_character_may_be_spelt_in_its_own_way(written):
    text = scrub(f"before {written} after", [HARD])

    assert text.replace('\\"', "").replace('"', "") == f"before {MASK} after"


def test_a_character_of_two_units_is_known_in_json_and_urls():
    secret = "\U0001f511 key ä \U0001f512"

    for written in (
        json.dumps(secret)[1:-1],
        quote(secret),
        repr(secret)[1:-1],
        ascii(secret)[1:-1],
    ):
        assert scrub(f"a {written} b", [secret]) == f"a {MASK} b"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", "\\r\\n", "%0D%0A", " "])
@pytest.mark.parametrize("width", [4, 64, 76])
def test_base64_that_is_wrapped_is_replaced(end, width):
    secret = "correct-horse-battery-staple" * 5
    encoded = base64.b64encode(f"user:{secret}".encode()).decode()
    wrapped = end.join(encoded[at : at + width] for at in range(0, len(encoded), width))

    left = scrub(wrapped, [secret]).replace(MASK, "")

    assert len(left) < 10 + 2 * len(end)


def test_a_number_that_is_equal_to_a_secret_is_one():
    value = {"n": 98127366123344, "f": 98127366123344.0, "other": 98127366123345, "t": True}

    assert scrubbed(value, ["98127366123344"]) == value | {"n": MASK, "f": MASK}
    assert scrubbed([12345678.5, 1234], ["12345678.50", "1234"]) == [MASK, 1234]
    assert scrubbed(12345678, ["0012345678"]) == MASK
    # As JavaScript rounds it.
    assert scrubbed(1.2345678901234567e19, ["12345678901234567890"]) == MASK


def test_a_long_secret_is_found_in_pieces():
    secret = "".join(f"{n:x}&/" for n in range(14_000))[:65_536]

    began = time.process_time()

    left = scrub(f"before {quote(secret, safe='')} after", [secret])

    assert left == f"before {MASK} after"
    encoded = base64.encodebytes(secret.encode()).decode()
    assert time.process_time() - began < 10
    assert len(scrub(encoded, [secret]).replace(MASK, "")) < len(encoded) / 80


@pytest.mark.parametrize("secret", ["\\" * 200 + "x", "%25" * 100, "a" * 1_000])
def test_the_time_is_linear_whatever_the_secret(secret):
    text = (secret[:-1] + "y") * (200_000 // len(secret))
    began = time.process_time()

    scrub(text, [secret])

    assert time.process_time() - began < 10


def test_where_no_secret_was_read_the_very_value_comes_back():
    value = {"a": ["text"]}

    assert scrubbed(value, []) is value
    assert scrub("text", []) == "text"
