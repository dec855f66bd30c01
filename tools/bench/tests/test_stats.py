import pytest

from tools.bench.stats import ratios, summarise


def test_a_summary_gives_median_range_and_noise():
    summary = summarise([10.0, 14.0, 11.0])
    assert (summary.median, summary.low, summary.high) == (11.0, 10.0, 14.0)
    assert summary.noise == pytest.approx(2 / 11)
    assert summary.to_json()["values"] == [10.0, 14.0, 11.0]


def test_no_values_are_an_error_and_zero_has_no_noise():
    with pytest.raises(ValueError):
        summarise([])
    assert summarise([0.0]).noise == 0.0


def test_ratios_compare_neighbours_so_that_drift_cancels():
    ratio = ratios([50.0, 100.0, 200.0], [100.0, 200.0, 400.0])
    assert (ratio.median, ratio.low, ratio.high) == (0.5, 0.5, 0.5)


def test_there_is_no_ratio_to_nothing():
    assert ratios([1.0], [0.0]) is None
    with pytest.raises(ValueError):
        ratios([1.0, 2.0], [1.0])
