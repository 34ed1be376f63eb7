"""A body is read strictly, within bounds, and each refusal tells the place."""

import json
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actions.canonical import parse
from actions.errors import MalformedJson, PayloadTooLarge
from tests.actions.properties import json_values, often, shortly

MEGABYTE = 1_048_576


def read(body: bytes | str):
    raw = body if isinstance(body, bytes) else body.encode()
    return parse(raw, max_bytes=MEGABYTE)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("{}", {}),
        (
            ' \t\r\n{"a": [1, 2.5, "x", null, true, false]}\n',
            {"a": [1, 2.5, "x", None, True, False]},
        ),
        ("0", 0),
        ("-0", 0),
        ('"\\u00e9\\ud83d\\ude00"', "é😀"),
        ('"\\\\u0000"', "\\u0000"),
        ('"\\\\ud800"', "\\ud800"),
        ('"[[[[{{{{"', "[[[[{{{{"),
        ("9007199254740993", 9007199254740993),
        ("1" + "0" * 308, 10**308),
        ("-1" + "0" * 308, -(10**308)),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("1e-400", 0.0),
        ('{"":{"":1}}', {"": {"": 1}}),
        ('{"a":{"b":1},"b":{"a":1}}', {"a": {"b": 1}, "b": {"a": 1}}),
    ],
)
def test_what_json_allows_is_read_as_it_stands(body, value):
    assert read(body) == value


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"a":1}'.encode("utf-16"), "byte order mark"),
        (b'{"a":"\xff"}', "not UTF-8 at byte 6"),
        (b'"\xed\xa0\x80"', "not UTF-8 at byte 1"),
        (b'{"a":1,}', "line 1, column 8"),
        (b"{'a':1}", "name in double quotes"),
        (b"{a:1}", "name in double quotes"),
        (b'{"a" 1}', "a colon is expected"),
        (b"[1 2]", "a comma"),
        (b"[1,\n2\n", "line 3, column 1"),
        (b"{} {}", "one value"),
        (b"01", "one value"),
        (b'"a', "not closed"),
        (b'"a\nb"', "control character"),
        (b'"\x00"', "control character"),
        (b'"\\x"', "escape is unknown"),
        (b'"\\u12"', "four hexadecimal digits"),
        (b"undefined", "a value is expected"),
        (b"\x0b{}", "a value is expected"),
        (b"[NaN,}", "a value is expected"),
    ],
)
def test_bad_syntax_is_refused_with_its_place_or_an_advice(body, told):
    with pytest.raises(MalformedJson) as refused:
        read(body)

    assert told in refused.value.detail


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ('{"a":1,"a":1}', "", "repeated-name"),
        ('{"a":1,"\\u0061":2}', "", "repeated-name"),
        ('{"x":[0,{"a":1,"b":2,"a":3}]}', "/x/1", "repeated-name"),
        ('{"a":{"b":1,"b":2},"a":3}', "", "repeated-name"),
        ("NaN", "", "not-finite"),
        ('{"a":[NaN]}', "/a/0", "not-finite"),
        ("[Infinity]", "/0", "not-finite"),
        ("[-Infinity]", "/0", "not-finite"),
        ("[1e400]", "/0", "not-finite"),
        ("[-1e400]", "/0", "not-finite"),
        ("[" + "9" * 400 + ".5]", "/0", "not-finite"),
        ("[" + "9" * 309 + "]", "/0", "integer-too-large"),
        ("[1" + "0" * 307 + "1]", "/0", "integer-too-large"),
        ("[1" + "0" * 308 + "0]", "/0", "integer-too-large"),
        ("-" + "9" * 5000, "", "integer-too-large"),
        ("9" * 5000, "", "integer-too-large"),
        ("9" * 100_000, "", "integer-too-large"),
        ('{"a/b":{"~":"\\u0000"}}', "/a~1b/~0", "nul-character"),
        ('{"a":{"\\u0000":1}}', "/a", "nul-character"),
        ('"\\ud800"', "", "lone-surrogate"),
        ('"\\uDBFF"', "", "lone-surrogate"),
        ('"\\udaaa"', "", "lone-surrogate"),
        ('"\\udc00"', "", "lone-surrogate"),
        ('"\\uDFFF"', "", "lone-surrogate"),
        ('"\\uD83D x"', "", "lone-surrogate"),
        ('"\\ude00\\ud83d"', "", "lone-surrogate"),
        ('"\\ud83d\\u0041"', "", "lone-surrogate"),
        ('["\\ud83d\\ude00","\\ud83d"]', "/1", "lone-surrogate"),
        ('{"\\ud800":1}', "", "lone-surrogate"),
    ],
    ids=shortly,
)
def test_what_json_or_the_database_cannot_keep_is_refused_where_it_stands(body, pointer, code):
    with pytest.raises(MalformedJson) as refused:
        read(body)

    (problem,) = refused.value.errors
    assert (problem.pointer, problem.code) == (pointer, code)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_body_may_be_nested_as_deep_as_the_bound_and_no_deeper(opening):
    closing = "]" if opening == "[" else "}"

    deepest = read(opening * 63 + "[]" + closing * 63)

    assert str(deepest).count("[") + str(deepest).count("{") == 64
    with pytest.raises(MalformedJson, match="deeper than 64 levels at line 1, column"):
        read(opening * 64 + "[]" + closing * 64)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000,
        '[{"a":' * 50_000 + "1" + "}]" * 50_000,
        '["' + "[" * 1_000 + '",' + "[" * 65 + "]" * 66,
    ],
    ids=shortly,
)
def test_a_body_that_is_nested_without_measure_is_refused_before_it_is_parsed(body):
    with pytest.raises(MalformedJson, match="deeper than 64"):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        "[" + "[]," * 200 + "[]]",
        '["' + "[{" * 200 + '"]',
        '["\\"' + "[" * 99 + '"]',
        '["\n[", "' + "[" * 99 + '"]',
    ],
)
def test_brackets_side_by_side_or_inside_of_text_are_not_depth(body):
    assert len(read(body.replace("\n", "\\n"))) > 0


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not():
    body = b'"' + b"x" * 98 + b'"'

    assert parse(body, max_bytes=100) == "x" * 98
    with pytest.raises(PayloadTooLarge, match="101 bytes and at most 100"):
        parse(body + b" ", max_bytes=100)


def test_size_is_looked_at_before_anything_else():
    with pytest.raises(PayloadTooLarge):
        parse(b"\xff" * 101, max_bytes=100)


def test_a_limit_of_python_on_long_integers_does_not_show():
    digits = "9" * (sys.get_int_max_str_digits() + 1)

    with pytest.raises(MalformedJson, match="beyond 10\\^308"):
        read(f'{{"a": {digits}}}')


def test_what_is_told_about_a_refusal_can_be_sent_as_json():
    with pytest.raises(MalformedJson) as refused:
        read('{"\\ud800":{"a":1,"a":2}}')

    (problem,) = refused.value.errors
    assert json.dumps([problem.pointer, refused.value.detail], ensure_ascii=False).encode()


def test_a_long_name_is_not_repeated_in_the_refusal_as_a_whole():
    name = "n" * 10_000

    with pytest.raises(MalformedJson) as refused:
        read(f'{{"{name}":1,"{name}":2}}')

    assert len(refused.value.detail) < 300


@pytest.mark.parametrize(
    "body",
    ["[" + "1," * 400_000 + "1]", '{"a":' + '["\\ud83d\\ude00"]' + "}"],
    ids=shortly,
)
def test_a_large_or_unusual_body_that_is_fine_is_read_as_the_library_reads_it(body):
    assert read(body) == json.loads(body)


@often
@given(json_values, st.booleans())
def test_whatever_is_written_as_json_is_read_back(value, is_ascii):
    body = json.dumps(value, ensure_ascii=is_ascii)

    assert read(body) == value


def attempt(body: bytes):
    """The value and no detail, or no value and the refusal's detail."""
    try:
        return parse(body, max_bytes=200), None
    except (MalformedJson, PayloadTooLarge) as refused:
        return None, refused.detail


pieces = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        '"a"',
        "\\",
        "\\u",
        "0000",
        "d800",
        "1",
        "1e999",
        "NaN",
        "-",
        " ",
    ]
)
almost_json = st.lists(pieces, max_size=30).map("".join).map(str.encode)


@often
@given(st.binary(max_size=300) | almost_json)
@example(b'{"a":1,"a":NaN}')
@example(b'["\\ud800", "')
def test_any_body_is_either_read_as_the_library_reads_it_or_refused_in_a_sentence(body):
    value, detail = attempt(body)

    if detail is None:
        assert json.loads(body) == value
    else:
        assert detail.endswith(".")
