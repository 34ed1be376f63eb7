"""The benchmark of the search asks what the product can answer."""

import pytest

from actions.filters import ExecutionFilters
from benchmarks.search.questions import QUESTIONS


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_made_of_filters(name):
    asked = ExecutionFilters.parse({key: [text] for key, text in QUESTIONS[name].items()})

    assert asked.is_empty == (name == "nothing")
