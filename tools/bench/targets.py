"""targets.json and the verdict on one figure."""

import json
from dataclasses import dataclass
from pathlib import Path

from tools.bench.cases import CASES

PATH = Path(__file__).with_name("targets.json")


@dataclass(frozen=True)
class Target:
    kind: str  # "ratio" or "value"
    bound: str  # "max" or "min"
    limit: float

    def met_by(self, measured: float) -> bool:
        return measured <= self.limit if self.bound == "max" else measured >= self.limit

    def to_json(self) -> dict:
        return {"kind": self.kind, self.bound: self.limit}


def parse(text: str) -> dict[tuple[str, str], Target]:
    """Targets by case and metric. ValueError for one that nothing measures, so that none is silently never checked."""
    measured = {(case.name, metric.name) for case in CASES for metric in case.metrics}
    targets: dict[tuple[str, str], Target] = {}
    for entry in json.loads(text)["targets"]:
        key = (entry["case"], entry["metric"])
        bounds = [bound for bound in ("max", "min") if bound in entry]
        if key not in measured:
            raise ValueError(f"target for {key}, which nothing measures")
        if key in targets:
            raise ValueError(f"two targets for {key}")
        if len(bounds) != 1 or entry["kind"] not in ("ratio", "value"):
            raise ValueError(f"target for {key} needs kind ratio or value, and max or min")
        targets[key] = Target(entry["kind"], bounds[0], float(entry[bounds[0]]))
    return targets


def load() -> dict[tuple[str, str], Target]:
    return parse(PATH.read_text())
