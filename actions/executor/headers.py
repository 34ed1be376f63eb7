"""The headers of a letter: what they say is text, and nothing in it is read as anything else.

Floor 3, though pure. What is plain ASCII stands as it is, anything else as encoded words (RFC 2047), so
that whoever decodes them once has the text. Lines are folded.
"""

import re
from collections.abc import Iterable
from email.header import Header
from email.headerregistry import Address

_FOLD = "\r\n"
_LINE = 76
# Short enough for one line beside the longest name, and without what begins an encoded word.
_PLAIN = re.compile(r"(?!.*=\?)[\x21-\x7e](?:[\x20-\x7e]{0,58}[\x21-\x7e])?", re.ASCII)
_QUOTED = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]")


def of_text(text: str) -> str:
    """The value of a header that is text; the text has no control characters."""
    return text if _PLAIN.fullmatch(text) or not text else _encoded(text)


def of_addresses(addresses: Iterable[Address]) -> str:
    """The value of a header that lists addresses, each on a line of its own."""
    return f",{_FOLD} ".join(map(_of_address, addresses))


def _of_address(address: Address) -> str:
    name = address.display_name
    if not name:
        return address.addr_spec
    if not _PLAIN.fullmatch(name):
        name = _encoded(name)
    elif _QUOTED.search(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name}{_FOLD} <{address.addr_spec}>"


def _encoded(text: str) -> str:
    return Header(text, charset="utf-8", maxlinelen=_LINE, header_name="Subject").encode(
        linesep=_FOLD
    )
