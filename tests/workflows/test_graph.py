"""The graph of a workflow: order, circles, ancestors, and no recursion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.definition import EXAMPLES, parse
from workflows.graph import Ancestry, graph, graph_of

DIAMOND = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
CHAIN_LENGTH = 10_000
EDGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20)


def test_successors_and_counts_are_the_edges_both_ways_round():
    found = graph(DIAMOND)

    assert found.successors == {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}
    assert found.waiting_counts == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert found.first == ("a",)


def test_the_order_puts_each_step_after_all_that_it_waits_for():
    assert graph(DIAMOND).order == ("a", "b", "c", "d")
    assert graph({"late": ("early",), "early": ()}).order == ("early", "late")


def test_a_circle_is_named_by_its_members():
    found = graph({"a": (), "b": ("a", "d"), "c": ("b",), "d": ("c",), "e": ("d",)})

    assert sorted(found.circle()) == ["b", "c", "d"]
    assert found.order == ("a",)


@pytest.mark.parametrize("after", [{"a": ("a",)}, {"a": ("b",), "b": ("a",)}])
def test_a_step_that_waits_for_itself_is_a_circle(after):
    assert set(graph(after).circle()) == set(after)


def test_ancestors_and_descendants_are_found_at_any_distance():
    found = graph(DIAMOND)

    assert (found.ancestors("d"), found.descendants("a")) == ({"a", "b", "c"}, {"b", "c", "d"})


@given(edges=EDGES)
def test_ancestry_answers_as_the_ancestors_do(edges):
    # Edges lead upwards, so that there is no circle.
    found = graph({str(i): tuple(str(a) for a, b in edges if a < b == i) for i in range(9)})

    ancestry = Ancestry(found)

    assert all(
        ancestry.is_before(one, name) == (one in found.ancestors(name))
        for name in found.order
        for one in found.order
    )


def test_behind_a_step_that_waits_for_the_first_only_what_all_have_before_them_has_ended():
    after = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("d",)}

    ancestry = Ancestry(graph(after), impatient={"d"})

    assert [name for name in "abcd" if ancestry.has_ended(name, "e")] == ["a", "d"]
    assert ancestry.is_before("b", "e")


def test_names_that_no_step_has_are_passed_over():
    assert graph({"a": ("nobody",)}).before == {"a": ()}


def test_a_chain_of_ten_thousand_steps_is_no_deeper_than_one_of_two():
    after = {f"s{i}": (f"s{i - 1}",) if i else () for i in range(CHAIN_LENGTH)}

    found = graph(after)

    assert found.order == tuple(after)
    assert len(found.ancestors(f"s{CHAIN_LENGTH - 1}")) == CHAIN_LENGTH - 1


def test_a_switch_stands_before_the_steps_that_it_names():
    found = graph_of(parse(EXAMPLES["switch"]))

    assert found.successors["route"] == ("call", "letter")


@given(edges=EDGES)
def test_either_all_steps_have_an_order_or_there_is_a_circle(edges):
    after = {str(i): tuple(str(a) for a, b in edges if b == i) for i in range(9)}

    found = graph(after)

    places = {name: place for place, name in enumerate(found.order)}
    assert all(places[one] < places[name] for name in places for one in found.before[name])
    circle = found.circle()
    assert bool(circle) == (len(found.order) < len(after))
    follows = zip(circle, circle[1:] + circle[:1], strict=True)
    assert all(earlier in found.before[later] for earlier, later in follows)
