import json

import pytest

from tools.bench import targets
from tools.bench.cases import CASES, select


def parse(*entries):
    return targets.parse(json.dumps({"targets": entries}))


def test_the_committed_targets_are_all_measured():
    assert targets.load()[("publish", "cpu_ns_per_message")] == targets.Target("ratio", "max", 0.35)


@pytest.mark.parametrize(
    "entry",
    [
        {"case": "publish", "metric": "colour", "kind": "ratio", "max": 1},
        {"case": "nothing", "metric": "rss", "kind": "value", "max": 1},
        {"case": "start", "metric": "rss", "kind": "value"},
        {"case": "start", "metric": "rss", "kind": "value", "max": 1, "min": 1},
        {"case": "start", "metric": "rss", "kind": "feeling", "max": 1},
    ],
)
def test_a_target_that_cannot_be_checked_is_refused(entry):
    with pytest.raises(ValueError):
        parse(entry)


def test_a_figure_has_one_target():
    entry = {"case": "start", "metric": "rss", "kind": "value", "max": 1}
    with pytest.raises(ValueError):
        parse(entry, entry)


def test_bounds_are_part_of_what_is_allowed():
    at_most, at_least = targets.Target("ratio", "max", 0.5), targets.Target("ratio", "min", 1.0)
    assert at_most.met_by(0.5) and not at_most.met_by(0.51)
    assert at_least.met_by(1.0) and not at_least.met_by(0.99)


def test_cases_are_selected_by_pattern_in_the_order_of_the_table():
    assert [case.name for case in select(["pair*", "publish"])] == ["publish", "pair", "pair-8k"]
    assert select([]) == list(CASES)
    with pytest.raises(ValueError, match="no case matches"):
        select(["publish", "pear"])


@pytest.mark.parametrize("quick", [False, True])
def test_every_case_has_complete_words(quick):
    for case in CASES:
        assert not any("{" in word for word in case.words(quick)), case.name
        assert case.round_count(quick) >= 1
