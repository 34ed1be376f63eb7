"""A name says whether its value is a secret, by its words."""

import pytest

from actions.masking import is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "Password",
        "PASSWORD",
        "smtpPassword",
        "smtp_password",
        "smtp-password",
        "userpassword",
        "password2",
        "passwords",
        "passwd",
        "pwd",
        "passphrase",
        "token",
        "accessToken",
        "access_token",
        "accesstoken",
        "tokens",
        "csrf.token",
        "secret",
        "client_secret",
        "clientSecret",
        "secrets",
        "Authorization",
        "HTTP_AUTHORIZATION",
        "proxy-authorization",
        "cookie",
        "Set-Cookie",
        "card",
        "cardNumber",
        "card_number",
        "CARD",
        "creditCard",
        "creditcard",
        "cvv",
        "cvc",
        "otp",
        "pin",
        "api_key",
        "apiKey",
        "APIKey",
        "X-Api-Key",
        "apikey",
        "privateKey",
        "private_key",
        "signing-key",
        "api_keys",
        "accessKeys",
        "credentials",
        "jwt",
        "bearerToken",
        "x" * 100 + "_password",
    ],
)
def test_a_name_with_a_secret_word_is_secret(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "id",
        "userId",
        "email",
        "cardinality",
        "cardboard",
        "discard",
        "secretary",
        "tokenize",
        "tokenizer",
        "key",
        "idempotency_key",
        "primary_key",
        "foreignKey",
        "author",
        "authorize",
        "spin",
        "pinned",
        "opinion",
        "cookiecutter",
        "passenger",
        "pass",
        "compass",
        "amount",
        "monkey",
        "api",
        "1",
    ],
)
def test_a_name_that_only_looks_like_one_is_not(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("max_tokens", False),
        ("cards", False),
        ("pin", True),
        ("cardNumber", True),
        ("card_tokens", True),
    ],
)
def test_a_number_under_a_plural_name_is_a_count(name, is_secret):
    assert is_secret_name(name, is_number=True) is is_secret


def test_a_name_without_end_is_judged_by_its_beginning():
    assert is_secret_name("password" + "x" * 1_000_000) is False
    assert is_secret_name("password_" + "x" * 1_000_000) is True
