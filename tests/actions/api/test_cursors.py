"""Where a page begins, as an opaque text."""

from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.api import cursors
from actions.errors import MalformedRequest


@given(st.uuids())
def test_an_id_comes_back_as_it_was(identity):
    assert cursors.id_of(cursors.after_id(identity)) == identity


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1, max_size=100))
def test_a_name_comes_back_as_it_was(name):
    assert cursors.name_of(cursors.after_name(name)) == name


@given(st.integers(min_value=0, max_value=10**18 - 1))
def test_a_number_comes_back_as_it_was(number):
    assert cursors.number_of(cursors.after_number(number)) == number


@given(st.text(max_size=60))
def test_whatever_else_is_sent_is_refused_or_read(text):
    with suppress(MalformedRequest):
        assert isinstance(cursors.id_of(text), UUID)


@pytest.mark.parametrize("cursor", ["", "A", "AAAA", "é", "AQ==", "A" * 10_000])
def test_a_text_that_is_no_cursor_is_refused(cursor):
    with pytest.raises(MalformedRequest):
        cursors.id_of(cursor)
    with pytest.raises(MalformedRequest):
        cursors.number_of(cursor)


def test_the_cursor_of_one_list_is_none_of_another():
    with pytest.raises(MalformedRequest):
        cursors.id_of(cursors.after_name("charge-card"))
    with pytest.raises(MalformedRequest):
        cursors.name_of(cursors.after_id(uuid4()))
