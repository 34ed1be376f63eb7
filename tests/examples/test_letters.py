from email import message_from_bytes, policy
from typing import get_args

import pytest

from onboarding import letters

FIELDS = {"to": "ada@example.com", "user_id": "usr_12345", "message_id": "<one@onboarding.example>"}


@pytest.mark.parametrize("template", get_args(letters.Template))
def test_every_template_of_the_schema_has_a_letter_that_names_the_user(template):
    letter = letters.welcome(template=template, name="Ada", **FIELDS)

    assert "usr_12345" in letter.get_content()
    assert letter["To"] == "Ada <ada@example.com>"


def test_a_line_break_in_a_name_adds_no_header():
    letter = letters.welcome(
        template="new-user-welcome-v2", name="Ada\r\nBcc: eve@example.com", **FIELDS
    )

    received = message_from_bytes(letter.as_bytes(), policy=policy.default)
    assert received["Bcc"] is None
    assert received["Message-ID"] == FIELDS["message_id"]


def test_a_line_break_in_a_hosts_name_adds_no_header():
    letter = letters.invitation(
        to="charles@example.com", host="Ada\r\nBcc: eve@example.com", message_id="<one@x.example>"
    )

    received = message_from_bytes(letter.as_bytes(), policy=policy.default)
    assert (received["Bcc"], received["To"]) == (None, "charles@example.com")


def test_braces_in_a_name_are_only_braces():
    letter = letters.welcome(template="new-user-welcome-v1", name="{user_id}{0}", **FIELDS)

    assert "Hello {user_id}{0}," in letter.get_content()


def test_one_key_gives_one_message_id_and_another_key_another():
    first, again, other = (letters.message_id_of(key) for key in ("k<1>", "k<1>", "k<2>"))

    assert first == again != other
    assert first.count("<") == first.count(">") == first.count("@") == 1
