"""From trials to rows: one for each figure, with ratio, target and verdict. The rows are what JSON and table show."""

from tools.bench.measure import CaseRun
from tools.bench.stats import ratios, summarise
from tools.bench.targets import Target

OK, MISSED, FAILED, SHOWN = "ok", "MISSED", "FAILED", "-"


def rows_of(run: CaseRun, targets: dict[tuple[str, str], Target]) -> list[dict]:
    return [_row(run, metric, targets.get((run.case.name, metric.name))) for metric in run.case.metrics]


def _row(run: CaseRun, metric, target: Target | None) -> dict:
    row = {
        "case": run.case.name,
        "title": run.case.title,
        "metric": metric.name,
        "unit": metric.unit,
        "better": "more" if metric.more_is_better else "less",
        "target": target.to_json() if target else None,
    }
    if run.errors:
        return {**row, "verdict": FAILED, "errors": run.errors}
    reference = [trial[metric.name] for trial in run.reference]
    candidate = [trial[metric.name] for trial in run.candidate]
    ratio = ratios(candidate, reference)
    row["reference"] = summarise(reference).to_json()
    row["candidate"] = summarise(candidate).to_json()
    row["ratio"] = ratio.to_json() if ratio else None
    row["verdict"] = _verdict(row, target)
    return row


def _verdict(row: dict, target: Target | None) -> str:
    if target is None:
        return SHOWN
    if target.kind == "value":
        return OK if target.met_by(row["candidate"]["median"]) else MISSED
    if row["ratio"] is None:
        return FAILED
    return OK if target.met_by(row["ratio"]["median"]) else MISSED


def noise_of(runs: list[CaseRun]) -> dict:
    """How quiet the machine was: the share of it that neither server nor generator used, and the reference's spread."""
    foreign = [
        trial["foreign_cpu_share"]
        for run in runs
        for trial in (*run.reference, *run.candidate)
        if "foreign_cpu_share" in trial
    ]
    if not foreign:
        return {}
    summary = summarise(foreign)
    return {"foreign_cpu_share_median": summary.median, "foreign_cpu_share_max": summary.high}
