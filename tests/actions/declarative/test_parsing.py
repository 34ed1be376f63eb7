"""What the document of a declarative action may say, and everything it is told when it may not."""

import pytest

from actions import declarative, schema
from actions.declarative import EXAMPLES, EmailDefinition, HttpDefinition, Secret
from actions.errors import DefinitionInvalid

HTTP = {"kind": "http", "method": "POST", "url": "https://api.example.com/x"}
EMAIL = {"kind": "email", "to": "a@example.com", "subject": "Hi", "text": "Hello"}
WITH_ID = {"params": {"type": "object", "properties": {"id": {"type": "string"}}}}


ALL_WRONG = {
    "kind": "http",
    "method": "GET",
    "url": "https://${{ params.host }}/x",
    "headers": {"Host": "a", "X": {"$secret": "KEY"}, "a b": "c", "Y": "${{ nope }}"},
    "body": {"a": {"$secret": 1}},
    "form": {},
    "retry": {"max_attempts": 0},
    "rate": "x",
    "concurrency": {"limit": 1, "per": ["zz"]},
    "success": "1 +",
    "returns": ["${{ response.x + }}"],
    "params": {"type": "objec"},
    "surplus": 1,
    "timeout": 0,
}


def problems(document):
    with pytest.raises(DefinitionInvalid) as refusal:
        declarative.parse(document)
    return {problem.pointer: problem.detail for problem in refusal.value.errors}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_examples_are_right(kind):
    definition = declarative.parse(EXAMPLES[kind])

    assert isinstance(definition, HttpDefinition if kind == "http" else EmailDefinition)
    assert not schema.violations(declarative.SCHEMA, EXAMPLES[kind])


def test_the_schema_of_the_document_is_one():
    assert schema.check(declarative.SCHEMA) is None


def test_what_is_left_out_has_a_default():
    definition = declarative.parse(HTTP)

    assert definition.idempotency_header == "Idempotency-Key"
    assert definition.max_response_bytes == 1_048_576
    assert definition.follow_redirects == 0
    assert {408, 429, 503} <= definition.retriable
    assert definition.success.evaluate({"response": {"status": 204}}) is True
    assert definition.effect == "external"


@pytest.mark.parametrize(
    ("method", "header", "is_repeatable"),
    [
        ("GET", None, True),
        ("PUT", None, True),
        ("DELETE", None, True),
        ("POST", "Idempotency-Key", True),
        ("POST", None, False),
        ("PATCH", None, False),
    ],
)
def test_what_may_be_repeated_follows_from_the_method_and_the_key(method, header, is_repeatable):
    document = HTTP | {"method": method, "idempotency_header": header}

    assert declarative.parse(document).repeatable is is_repeatable


def test_the_author_may_know_better_whether_it_may_be_repeated():
    assert declarative.parse(HTTP | {"repeatable": False}).repeatable is False
    assert declarative.parse(EMAIL).repeatable is False
    assert declarative.parse(EMAIL | {"repeatable": True}).repeatable is True


def test_a_header_can_be_a_secret():
    headers = {"Authorization": {"$secret": "token", "prefix": "Bearer "}, "X-A": "b"}

    definition = declarative.parse(HTTP | {"headers": headers})

    assert definition.headers["Authorization"] == Secret(name="token", prefix="Bearer ")


def test_the_digest_changes_with_anything_but_the_order():
    digests = {
        declarative.parse(document).digest
        for document in (HTTP, dict(reversed(HTTP.items())), HTTP | {"queue": "slow"})
    }

    assert len(digests) == 2


def test_all_problems_are_told_at_once():
    found = problems(ALL_WRONG)

    assert sorted(found) == [
        "/body",
        "/body/a/$secret",
        "/concurrency",
        "/form",
        "/headers/Host",
        "/headers/X/$secret",
        "/headers/Y",
        "/headers/a b",
        "/params/type",
        "/rate",
        "/retry/max_attempts",
        "/returns/0",
        "/success",
        "/surplus",
        "/timeout",
        "/url",
    ]
    assert found["/retry/max_attempts"] == "Is 0; give 1 to 1000."


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("${{ params.id }}", "Must begin with https"),
        ("https://${{ params.id }}/", "The host must be literal"),
        ("https://api.example.com${{ params.id }}", "The host must be literal"),
        ("https://api.example.com:${{ params.id }}/", "The host must be literal"),
        ("https://api.example.com.${{ params.id }}/", "The host must be literal"),
        ("ftp://api.example.com/", "Must begin with https"),
        ("//api.example.com/", "Must begin with https"),
        ("https:///x", "and a host"),
        ("https://user:pass@api.example.com/", "user name or password"),
        ("https://user@api.example.com/${{ params.id }}", "user name or password"),
        ("https://api.example.com:99999/", "Is not a URL"),
        ("https://api.example.com/a/../b", "segment . or .."),
        ("https://api.example.com/%2e%2E/b", "segment . or .."),
        ("https://api.example.com/a#b", "fragment"),
        ("https://api.example.com/a b", "blank"),
        ("https://api.example.com\\@evil.example/", "blank, a backslash"),
    ],
)
def test_where_a_request_goes_is_literal(url, detail):
    assert detail in problems(HTTP | WITH_ID | {"url": url})["/url"]


def test_params_may_choose_the_host_where_the_definition_says_so():
    document = HTTP | WITH_ID | {"url": "https://${{ params.id }}/x", "allow_dynamic_host": True}

    assert declarative.parse(document).url.names == {"params"}


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"kind": "smtp"}, "/kind"),
        ({"kind": {}}, "/kind"),
        ({"kind": ["http"]}, "/kind"),
        ({"to": []}, "/to"),
        ({"to": ["a@example.com", "${{ x }}"]}, "/to/1"),
        ({"subject": "${{ response.status }}"}, "/subject"),
        ({"method": "GET"}, "/method"),
        ({"concurrency": {"limit": 1, "per": ["password"]}}, "/concurrency"),
    ],
)
def test_an_email_is_checked_too(more, pointer):
    params = {"type": "object", "properties": {"password": {"type": "string"}}}

    assert list(problems(EMAIL | {"params": params} | more)) == [pointer]


def test_a_header_stands_once():
    assert "/headers/idempotency-key" in problems(HTTP | {"headers": {"idempotency-key": "x"}})
