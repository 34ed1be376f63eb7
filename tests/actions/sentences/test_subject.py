"""For whom an execution was is guessed from its params."""

import pytest
from hypothesis import given

from actions.masking import MASK, masked
from actions.sentences import subject_of
from tests.actions.properties import json_values, often


@pytest.mark.parametrize(
    ("params", "subject"),
    [
        ({"userId": "usr_12345", "template": "welcome"}, "usr_12345"),
        ({"template": "welcome", "user_id": "usr_12345"}, "usr_12345"),
        ({"email": "ada@example.com", "name": "Ada"}, "ada@example.com"),
        ({"name": "Ada", "email": "ada@example.com"}, "ada@example.com"),
        ({"orderId": "order-1", "userId": "usr_1"}, "order-1"),
        ({"id": 7, "order-id": 12345}, "12345"),
        ({"id": 7, "name": "x"}, "7"),
        ({"customerID": "c1"}, "c1"),
        ({"requestId": "r1", "email": "a@b.c"}, "a@b.c"),
        ({"traceId": "t1", "requestId": "r1"}, "t1"),
        ({"host": "mail.internal"}, "mail.internal"),
        ({"user": {"id": "usr_1"}, "amount": 5}, "usr_1"),
        ({"user": {"a": {"id": "usr_1"}}}, None),
        ({"amount": 5, "paid": True}, None),
        ({"valid": "x", "grid": "y", "android": "z"}, None),
        ({"id": True, "userId": None, "email": ["a"]}, None),
        ({"id": "", "name": "  Ada "}, "Ada"),
        ({"id": "two\nlines", "name": "Ada"}, "Ada"),
        ({"id": "x" * 65, "name": "Ada"}, "Ada"),
        ({"id": 10**5_000, "name": "Ada"}, "Ada"),
        ({"cardId": "4242", "name": "Ada"}, "Ada"),
        ({"userId": MASK, "name": "Ada"}, "Ada"),
        ({"userId": {"$secret": "x"}, "name": "Ada"}, "Ada"),
        ({}, None),
        (["usr_1"], None),
        ("usr_1", None),
        (None, None),
    ],
)
def test_the_subject_is_the_value_that_people_know_it_by(params, subject):
    assert subject_of(params) == subject


@often
@given(json_values)
def test_whatever_the_params_a_subject_is_one_short_line(params):
    subject = subject_of(masked(params))

    assert subject is None or (0 < len(subject) <= 64 and subject.isprintable())
