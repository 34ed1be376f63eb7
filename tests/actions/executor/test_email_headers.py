"""What a param says in a header of a letter is text and nothing else, as it goes over the wire."""

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

import pytest

from actions import declarative
from actions.errors import Final
from actions.executor.letters import letter
from tests.actions.executor.mailbox import Mailbox
from tests.actions.executor.test_email import SENDER, failure, send

OURS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"}
OURS |= {"Content-Transfer-Encoding"}
EVIL = [
    "=?utf-8?q?x=0D=0ABcc:_evil@example.com?=",
    "hello =?utf-8?q?x=0ABcc:_evil@example.com=0A=0Abody?= there",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUuY29t?=",
    "=?utf-8?q?x=0D=0A=0D=0A<b>new_body</b>?=",
    "=?utf-8?q?=C2=85x?=",
    "=?x-nope?q?abc?=",
    "=?utf-8?q?=00?=",
    "=?=?utf-8?q?=3D=3F?=",
    'x" <b@example.com>, "y',
    "a, b; (c) <d> \\\\ 'e'",
    "ä" * 150,
    "many words " * 20,
    "x" * 150,
    "\u202e text \U0001f511",
    "trailing ",
]


def wire(mailbox):
    """The lines of the header and the rest, as they went over the wire, and the header's names."""
    head, _, body = mailbox.letter.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert all(len(line) < 200 and line.isascii() for line in lines)
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
    names = [line.partition(b":")[0].decode() for line in lines if line[:1] not in b" \t"]
    return lines, names, body


def unfolded(lines, name):
    text = b"\n".join(lines).decode()
    [value] = re.findall(rf"^{name}: (.*(?:\n .*)*)", text, re.MULTILINE)
    return value.replace("\n", "")


@pytest.mark.parametrize("text", EVIL)
def test_a_subject_is_text_on_the_wire(text):
    mailbox = Mailbox()

    send(mailbox, subject="${{ params.name }}", text="Hello there", params={"name": text})

    lines, names, body = wire(mailbox)
    assert set(names) == OURS
    assert len(names) == len(set(names))
    assert str(make_header(decode_header(unfolded(lines, "Subject")))) == text
    assert body.startswith(b"Hello ")


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize("field", ["to", "from", "reply_to"])
def test_a_name_of_an_address_is_text_on_the_wire(field, text):
    mailbox = Mailbox()
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    written = f'"{quoted}" <ada@example.com>'

    result = send(mailbox, **{field: "${{ params.who }}"}, params={"who": written})

    lines, names, _ = wire(mailbox)
    assert set(names) == OURS | ({"Reply-To"} if field == "reply_to" else set())
    assert len(names) == len(set(names))
    assert result["to"] == ["ada@example.com"]
    value = unfolded(lines, {"to": "To", "from": "From", "reply_to": "Reply-To"}[field])
    name, _, spec = value.rpartition(" ")
    assert spec == "<ada@example.com>"
    shown = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
    assert str(make_header(decode_header(shown))).strip() == text.strip()
    assert sum(command.startswith("RCPT TO") for command in mailbox.commands) == 1


@pytest.mark.parametrize(
    "spec",
    [
        "=?utf-8?q?x=0D=0ARCPT?=@example.com",
        '"=?utf-8?q?x=0D=0A?="@example.com',
        "a@=?utf-8?q?ex=0D=0A?=.com",
        "A\u0085B <a@example.com>",
        "A\ud800 <a@example.com>",
    ],
)
@pytest.mark.parametrize("field", ["to", "from", "reply_to"])
def test_an_address_holds_no_encoded_word_and_no_control_character(field, spec):
    mailbox = Mailbox()

    failed = failure(Final, mailbox, **{field: "${{ params.who }}"}, params={"who": spec})

    assert failed.code == "address_invalid"
    assert f"field {field}" in str(failed)
    assert not mailbox.commands


@pytest.mark.parametrize("character", ["\r", "\n", "\x00", "\x85", "\x9b", "\u2028", "\ud800"])
def test_a_subject_that_cannot_be_is_final_and_says_which_field(character):
    mailbox = Mailbox()

    failed = failure(Final, mailbox, params={"name": f"a{character}b"})

    assert failed.code == "header_invalid"
    assert "subject" in str(failed)
    assert not mailbox.commands


@pytest.mark.parametrize("field", ["text", "html"])
def test_a_body_that_cannot_be_is_final_and_says_which_field(field):
    mailbox = Mailbox()
    more = {field: "Hi ${{ params.what }}"}

    failed = failure(Final, mailbox, params={"what": "a\ud800b"}, **more)

    assert failed.code == "text_invalid"
    assert f"field {field}" in str(failed)
    assert not mailbox.commands


def test_many_names_stand_on_lines_of_their_own():
    many = [f"Käthe {n} <a{n}@example.com>" for n in range(20)]
    document = {"kind": "email", "to": many, "subject": "Hi", "text": "Hello"}

    made = letter(declarative.parse(document), {}, key="k", sender=SENDER)

    read = message_from_bytes(made.content, policy=default)
    assert [f"{one.display_name} <{one.addr_spec}>" for one in read["To"].addresses] == many
    assert max(map(len, made.content.split(b"\r\n"))) < 80
