"""Ids sort by the time of their making, and read back as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import ids


def test_ids_sort_in_the_order_of_their_making():
    made = [ids.new_id() for _ in range(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {one.version for one in made} == {7}


@given(st.uuids())
def test_an_id_reads_back_as_it_is_shown(uuid):
    shown = ids.show("exec", uuid)

    assert ids.parse("exec", shown) == uuid
    assert len(shown) == len("exec_") + 26


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exec_",
        "exec_01",
        "run_00000000000000000000000000",
        "exec_" + "z" * 26,
        "exec_" + "u" * 26,
    ],
)
def test_what_is_no_id_is_refused(text):
    with pytest.raises(ValueError, match="The id"):
        ids.parse("exec", text)
