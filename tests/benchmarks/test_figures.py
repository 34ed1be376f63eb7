import json

import pytest

from benchmarks import figures


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7], 50, 7),
        ([1, 2], 50, 1),
        ([1, 2, 3], 50, 2),
        ([3, 1, 2], 99, 3),
        (list(range(1, 101)), 50, 50),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 101)), 99, 99),
        (list(range(1, 1001)), 99, 990),
        ([5, 5, 5, 9], 95, 9),
    ],
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values, share, expected):
    assert figures.percentile(values, share) == expected


def test_a_figure_is_one_json_line_with_its_four_fields(capsys):
    figures.emit("ours.drain", 7458.46, unit="/s", n=1000)

    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"name": "ours.drain", "value": 7458.5, "unit": "/s", "n": 1000}


def test_latencies_are_told_in_milliseconds(capsys):
    figures.emit_latencies("ours.latency", [0.002, 0.004, 0.03])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["name"], line["value"]) for line in lines] == [
        ("ours.latency_p50", 4.0),
        ("ours.latency_p95", 30.0),
        ("ours.latency_p99", 30.0),
    ]


def test_progress_leaves_standard_output_to_the_figures(capsys):
    figures.progress("warming up")

    assert capsys.readouterr().out == ""


def test_what_never_comes_true_is_named(monkeypatch):
    with pytest.raises(TimeoutError, match="the queue to empty"):
        figures.wait_for(lambda: False, what="the queue to empty", every=0.001, at_most=0.01)
