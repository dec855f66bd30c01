from tools.bench import table
from tools.bench.cases import select
from tools.bench.measure import CaseRun
from tools.bench.rows import noise_of, rows_of
from tools.bench.targets import Target

PUBLISH = select(["publish"])[0]


def run(reference, candidate, errors=()):
    def trials(values):
        return [{"cpu_ns_per_message": cpu, "messages_per_second": rate, "foreign_cpu_share": 0.1} for cpu, rate in values]

    return CaseRun(PUBLISH, trials(reference), trials(candidate), list(errors))


def verdicts(case_run, **limits):
    targets = {("publish", metric): target for metric, target in limits.items()}
    return {row["metric"]: row["verdict"] for row in rows_of(case_run, targets)}


HALF = run([(200.0, 5e6), (220.0, 4e6)], [(100.0, 5e6), (110.0, 4e6)])


def test_a_ratio_is_judged_by_its_median():
    assert verdicts(HALF, cpu_ns_per_message=Target("ratio", "max", 0.5))["cpu_ns_per_message"] == "ok"
    assert verdicts(HALF, cpu_ns_per_message=Target("ratio", "max", 0.49))["cpu_ns_per_message"] == "MISSED"


def test_a_value_is_judged_by_the_candidate_alone():
    assert verdicts(HALF, cpu_ns_per_message=Target("value", "max", 105.0))["cpu_ns_per_message"] == "ok"
    assert verdicts(HALF, cpu_ns_per_message=Target("value", "max", 104.0))["cpu_ns_per_message"] == "MISSED"


def test_a_figure_without_target_has_no_verdict():
    assert verdicts(HALF) == {"cpu_ns_per_message": "-", "messages_per_second": "-"}


def test_a_trial_that_failed_fails_every_figure_of_its_case():
    failed = run([(200.0, 5e6)], [(1.0, 9e9)], errors=["candidate: waited too long for PONG"])
    assert set(verdicts(failed).values()) == {"FAILED"}
    text = table.render(rows_of(failed, {}))
    assert text.count("FAILED candidate: waited too long for PONG") == 1


def test_a_ratio_to_zero_is_not_a_pass():
    zero = run([(0.0, 5e6)], [(1.0, 5e6)])
    assert verdicts(zero, cpu_ns_per_message=Target("ratio", "max", 0.5))["cpu_ns_per_message"] == "FAILED"


def test_the_table_shows_units_noise_ratio_and_target():
    targets = {("publish", "messages_per_second"): Target("ratio", "min", 1.0)}
    lines = table.render(rows_of(HALF, targets)).splitlines()
    assert lines[2].split("  ")[0] == "publish"
    assert "210 ns ±5%" in lines[2] and "105 ns ±5%" in lines[2] and "0.50 (0.50-0.50)" in lines[2]
    assert "4.50 M/s" in lines[3] and ">= 1x" in lines[3] and lines[3].endswith("ok")


def test_one_trial_claims_no_spread():
    line = table.render(rows_of(run([(200.0, 5e6)], [(100.0, 5e6)]), {})).splitlines()[2]
    assert "200 ns (once)" in line and "±" not in line and "0.50" in line and "0.50-" not in line


def test_amounts_are_short():
    assert table.amount(180.6, "ns") == "181 ns"
    assert table.amount(70_550, "ns") == "70.5 us" or table.amount(70_550, "ns") == "70.6 us"
    assert table.amount(204_319, "msg/s") == "204.3 k/s"
    assert table.amount(8388608, "B") == "8.0 MB"
    assert table.amount(6.2, "ms") == "6.20 ms"


def test_noise_is_what_neither_server_nor_generator_used():
    assert noise_of([HALF]) == {"foreign_cpu_share_median": 0.1, "foreign_cpu_share_max": 0.1}
    assert noise_of([]) == {}
