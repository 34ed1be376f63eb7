"""The graph: names that are there, circles, and steps that nothing leads to."""

from tests.workflows.validation.conftest import errors


def step(*after):
    return {"action": "anything", "after": list(after)}


def test_a_circle_is_told_by_its_members_once():
    found = errors({"a": step(), "b": step("a", "d"), "c": step("b"), "d": step("c")})

    [(place, words)] = found.items()
    assert place == "/steps/b/after"
    assert "b → c → d → b" in words


def test_a_step_behind_a_circle_never_comes_to_its_turn():
    found = errors({"a": step("b"), "b": step("a"), "c": step("b")})

    assert found["/steps/c/after"].startswith("unreachable: ")


def test_a_step_that_waits_for_nobody_known_is_told_where():
    assert "Did you mean alpha?" in errors({"alpha": step(), "b": step("alpa")})["/steps/b/after/0"]


def test_a_step_whose_form_is_wrong_is_still_known_by_name():
    found = errors({"a": {"action": 7}, "b": step("a") | {"when": "steps.a.result.x == 1"}})

    assert list(found) == ["/steps/a/action"]


def test_a_switch_must_lead_to_steps_that_are_there():
    way = {"switch": [{"when": "true", "then": ["nobody"]}], "otherwise": ["neither"]}

    assert set(errors({"way": way})) == {"/steps/way/switch/0/then/0", "/steps/way/otherwise/0"}


def test_a_switch_that_leads_to_itself_is_a_circle():
    way = {"switch": [{"when": "true", "then": ["way"]}], "otherwise": []}

    assert errors({"way": way})["/steps/way/after"].startswith("circle: ")


def listening(payload):
    return {"event": {"name": "go", "payload": payload}}


def test_steps_that_wait_for_one_event_must_hear_the_same():
    text, number = {"type": "string"}, {"type": "integer"}

    found = errors({"a": listening(text), "b": listening(text), "c": listening(number)})

    assert set(found) == {"/steps/a/event/payload", "/steps/c/event/payload"}
    assert "/steps/a/event/payload is another" in found["/steps/c/event/payload"]
    assert errors({"a": listening(text), "b": listening(text)}) == {}
