"""Webhooks: only what the sender signed, and only while it is fresh, in both languages."""

import json
import subprocess

import pytest

from do_sdk import WebhookInvalid, WrongOption, sign_webhook, verify_webhook
from tests.fixtures.node import NODE
from tests.sdk.drivers import JS

# The example of the Standard Webhooks specification's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STAMP = 1614265330
BODY = '{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(STAMP),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
CASES = {
    "as it was signed": ({}, BODY, STAMP, True),
    "names in capitals": (
        {"Webhook-Id": HEADERS["webhook-id"], "webhook-id": None},
        BODY,
        STAMP,
        True,
    ),
    "several signatures": (
        {"webhook-signature": f"v1,AAAA v2,x {HEADERS['webhook-signature']}"},
        BODY,
        STAMP,
        True,
    ),
    "almost too old": ({}, BODY, STAMP + 300, True),
    "too old": ({}, BODY, STAMP + 301, False),
    "from the future": ({}, BODY, STAMP - 301, False),
    "another body": ({}, BODY + " ", STAMP, False),
    "another id": ({"webhook-id": "msg_2"}, BODY, STAMP, False),
    "another moment": ({"webhook-timestamp": str(STAMP + 1)}, BODY, STAMP, False),
    "no signature": ({"webhook-signature": None}, BODY, STAMP, False),
    "an empty signature": ({"webhook-signature": "v1,"}, BODY, STAMP, False),
    "a signature with more behind it": (
        {"webhook-signature": HEADERS["webhook-signature"] + ",junk"},
        BODY,
        STAMP,
        False,
    ),
    "a signature that is written otherwise": (
        {"webhook-signature": HEADERS["webhook-signature"].replace("1OE=", "1OF=")},
        BODY,
        STAMP,
        False,
    ),
    "a signature without its end": (
        {"webhook-signature": HEADERS["webhook-signature"].rstrip("=")},
        BODY,
        STAMP,
        False,
    ),
    "a tab between signatures": (
        {"webhook-signature": f"v1,AAAA\t{HEADERS['webhook-signature']}"},
        BODY,
        STAMP,
        False,
    ),
    "another version": (
        {"webhook-signature": HEADERS["webhook-signature"].replace("v1", "v9")},
        BODY,
        STAMP,
        False,
    ),
    "no number": ({"webhook-timestamp": "now"}, BODY, STAMP, False),
    "a number beyond all times": ({"webhook-timestamp": "9" * 5_000}, BODY, STAMP, False),
    "a signature that is no text": ({"webhook-signature": "v1,\udcff"}, BODY, STAMP, False),
    "an id that is no text": ({"webhook-id": "msg_\udcff"}, BODY, STAMP, False),
}
PROGRAM = """
const { verifyWebhook, WebhookInvalid } = await import(process.argv[1]);
const found = [];
for (const message of JSON.parse(process.argv[2])) {
  try { found.push(JSON.stringify(await verifyWebhook(message))); }
  catch (error) { found.push(error instanceof WebhookInvalid ? null : String(error)); }
}
console.log(JSON.stringify(found));
"""


SETTINGS = """
const { verifyWebhook } = await import(process.argv[1]);
const message = JSON.parse(process.argv[2]);
const said = [];
for (const setting of [%s]) {
  try { said.push(`taken: ${await verifyWebhook({ ...message, ...setting })}`); }
  catch (error) { said.push(`${error.name}: ${error.message}`); }
}
console.log(JSON.stringify(said));
"""


def headers_with(changes):
    changed = {**HEADERS, **changes}
    return {name: value for name, value in changed.items() if value is not None}


@pytest.mark.parametrize(("changes", "body", "now", "is_right"), CASES.values(), ids=CASES)
def test_python_takes_what_is_signed_and_fresh(changes, body, now, is_right):
    message = {"headers": headers_with(changes), "body": body.encode(), "now": now}

    if is_right:
        assert verify_webhook(secret=SECRET, **message) == json.loads(BODY)
    else:
        with pytest.raises(WebhookInvalid):
            verify_webhook(secret=SECRET, **message)


# A Node 18 has Web Crypto in a module only.
@pytest.mark.parametrize("option", [[], ["--no-experimental-global-webcrypto"]])
def test_javascript_takes_what_is_signed_and_fresh(option):
    messages = [
        {"secret": SECRET, "headers": headers_with(changes), "body": body, "now": now}
        for changes, body, now, _ in CASES.values()
    ]

    node = subprocess.run(
        [
            *(NODE, *option, "--input-type=module", "-e", PROGRAM),
            *("--", JS.as_uri(), json.dumps(messages)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    expected = [json.loads(BODY) if is_right else None for *_, is_right in CASES.values()]
    assert [one and json.loads(one) for one in json.loads(node.stdout)] == expected


def test_a_signature_is_the_one_that_the_specification_has():
    signature = sign_webhook(
        secret=SECRET, id=HEADERS["webhook-id"], stamp=STAMP, body=BODY.encode()
    )

    assert signature == HEADERS["webhook-signature"]


NUMBERS = [float("nan"), float("inf"), -1.0, "5"]


@pytest.mark.parametrize("setting", ["tolerance_seconds", "now"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_setting_that_would_take_every_old_message_is_refused_in_python(setting, number):
    with pytest.raises(WrongOption, match=f"{setting} is .* a number of seconds from 0 on"):
        verify_webhook(secret=SECRET, headers=HEADERS, body=BODY.encode(), **{setting: number})


def test_a_setting_that_would_take_every_old_message_is_refused_in_javascript():
    settings = [
        f"{{ {setting}: {number} }}"
        for setting in ("toleranceSeconds", "now")
        for number in ("NaN", "Infinity", "-1", '"300 s"', "null", "new Date(NaN)")
    ]

    said = javascript_says(settings)

    assert len(said) == len(settings)
    assert all("give a number of seconds from 0 on" in each for each in said), said


# A mistake of the receiver's own, by what is given instead; JavaScript takes text for a body, too.
MISTAKES = {
    "no secret": ({"secret": None}, "secret is"),
    "an empty secret": ({"secret": ""}, "secret is"),
    "a secret without a key": ({"secret": "whsec_"}, "whsec_ and base64"),
    "a secret that is no base64": ({"secret": "whsec_not base64!"}, "whsec_ and base64"),
    "a secret with other letters": ({"secret": "whsec_\u00e9"}, "whsec_ and base64"),
    "a secret without its end": ({"secret": SECRET + "A"}, "whsec_ and base64"),
    "a secret that is written otherwise": ({"secret": "whsec_AB=="}, "whsec_ and base64"),
    "a body that was parsed": ({"body": {"test": 1}}, "as they came"),
    "no headers": ({"headers": None}, "headers"),
}
UNKNOWN = ["tolerance: 5", "tolerance_seconds: 5", "Now: 5"]


@pytest.mark.parametrize(("wrong", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_of_the_receiver_s_own_is_said_in_python(wrong, said):
    message = {"secret": SECRET, "headers": HEADERS, "body": BODY.encode(), "now": STAMP}

    with pytest.raises(WrongOption, match=said):
        verify_webhook(**message | wrong)


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("value", [["a"], b"a", 5, None])
def test_a_header_that_is_no_text_is_said_in_python(name, value):
    with pytest.raises(WrongOption, match=f"The header {name} is a .*; give its text"):
        verify_webhook(secret=SECRET, headers={**HEADERS, name: value}, body=BODY.encode())


def test_a_mistake_of_the_receiver_s_own_is_said_in_javascript():
    wrong = [json.dumps(given) for given, _ in MISTAKES.values()]
    unknown = [f"{{ {each} }}" for each in UNKNOWN]

    said = javascript_says([*wrong, "{ secret: undefined }", *unknown])

    advice = [each for _, each in MISTAKES.values()] + ["secret is"]
    advice += ["There is no option"] * len(unknown)
    for text, expected in zip(said, advice, strict=True):
        assert text.startswith("TypeError: "), text
        assert expected in text, text


def javascript_says(settings: list[str]) -> list[str]:
    """What comes of the message with each of those settings."""
    message = json.dumps({"secret": SECRET, "headers": HEADERS, "body": BODY, "now": STAMP})
    node = subprocess.run(
        [
            *(NODE, "--input-type=module", "-e", SETTINGS % ", ".join(settings)),
            *("--", JS.as_uri(), message),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(node.stdout)
