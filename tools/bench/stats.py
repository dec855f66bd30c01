"""Medians, spreads and ratios of alternating trials."""

from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True)
class Summary:
    values: list[float]
    median: float
    low: float
    high: float

    @property
    def noise(self) -> float:
        """Half the range, as a share of the median: the +- of the table."""
        return (self.high - self.low) / 2 / self.median if self.median else 0.0

    def to_json(self) -> dict:
        return {**asdict(self), "noise": self.noise}


def summarise(values: list[float]) -> Summary:
    if not values:
        raise ValueError("no values")
    return Summary(values, median(values), min(values), max(values))


def ratios(candidate: list[float], reference: list[float]) -> Summary | None:
    """The ratio of each trial to its neighbour: what slows the machine for a while slows both of a pair.

    None when there is nothing to divide by."""
    if len(candidate) != len(reference):
        raise ValueError("trials must come in pairs")
    if any(value <= 0 for value in reference):
        return None
    return summarise([c / r for c, r in zip(candidate, reference)])
