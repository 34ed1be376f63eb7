"""A known secret is removed from text in every form in which it may come."""

import base64
import html
import json
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
