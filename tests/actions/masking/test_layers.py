"""A known secret is removed also where what quoted it was itself quoted once more."""

import base64
import html
import json
from itertools import product
from urllib.parse import quote, quote_plus

import pytest

from actions.masking import MASK, scrub

SECRETS = ["Can\"ary'8842&<x>/y z", "Canäry-8842-Ünïcode", 'a"b\\c&d;e#f%g+h i\U0001f511/k~']

QUOTING = {
    "url": lambda text: quote(text, safe=""),
    "path": quote,
    "form": quote_plus,
    "component": lambda text: quote(text, safe="!~*'()"),
    "json": lambda text: json.dumps(text)[1:-1],
    "json in utf-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json for html": lambda text: json.dumps(text)[1:-1].replace("&", "\\u0026"),
    "html": html.escape,
    "html by numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "repr": lambda text: repr(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
}
# What quotes letters and digits too hides the spelling beneath it; docs/secrets.md says so.
OUTER = [name for name in QUOTING if name != "html by numbers"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(("inner", "outer"), list(product(QUOTING, OUTER)))
def test_a_spelling_of_a_spelling_is_masked(secret, inner, outer):
    written = QUOTING[outer](QUOTING[inner](secret))

    assert scrub(f"before {written} after", [secret]) == f"before {MASK} after"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("inner", ["url", "path", "form", "component", "json", "html"])
@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_base64_of_what_a_library_has_quoted_is_masked(secret, inner, before):
    encoded = base64.b64encode(f"{before}{QUOTING[inner](secret)}".encode()).decode()

    text = scrub(encoded, [secret])

    assert MASK in text
    assert len(text.replace(MASK, "")) <= 8


def test_what_only_looks_like_a_spelling_is_left():
    text = "100% of 5C&amp;#x26; %255C%26amp%3B \\\\ \\u0026 stay"

    assert scrub(text, ["correct-horse-battery"]) == text
