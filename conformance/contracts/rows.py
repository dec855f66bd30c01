#!/usr/bin/env python3
"""The rows of the contract: look them up, list what is not proven.

usage: conformance/contracts/rows.py find WORD...
       conformance/contracts/rows.py unproven [AREA...] [--claimed]
       conformance/contracts/rows.py areas

`find` prints the rows whose id or promise holds every word. A row is proven by a passing scenario
(conformance/evidence/verdicts.json); with --claimed it is enough that a script names it.
"""

import argparse
import csv
import json
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VERDICTS = ROOT / "conformance" / "evidence" / "verdicts.json"

# Areas of the Go tests come first, by name; then the lists, in the order of a connection's life.
LIST_AREAS = [
    "client-ops",
    "info-fields",
    "connect-fields",
    "client-errors",
    "closed-reasons",
    "header-status",
    "headers",
    "options",
    "flags",
    "signals",
    "endpoints",
    "endpoint-params",
    "endpoint-fields",
    "subjects",
    "api-errors",
    "link-ops",
    "link-info-fields",
]


@dataclass(frozen=True)
class Row:
    id: str
    area: str
    observability: str
    source: str
    promise: str

    @property
    def counted(self) -> bool:
        """Rows that only Go code can see are listed, never counted."""
        return self.observability != "internal"


class Contracts:
    """All rows, in the order of areas and ids."""

    def __init__(self, rows: Iterable[Row]):
        self.rows = sorted(rows, key=lambda row: (area_order(row.area), row.id))

    @cached_property
    def by_id(self) -> dict[str, Row]:
        return {row.id: row for row in self.rows}

    @cached_property
    def areas(self) -> list[str]:
        return sorted({row.area for row in self.rows}, key=area_order)

    def unknown(self, ids: Iterable[str]) -> list[str]:
        return sorted({row_id for row_id in ids if row_id not in self.by_id})


def area_order(area: str) -> tuple[int, str]:
    return (LIST_AREAS.index(area) + 1 if area in LIST_AREAS else 0, area)


def load(folder: Path = HERE / "rows") -> Contracts:
    rows = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="") as stream:
            stream.readline()  # who generated it
            rows += [Row(**fields) for fields in csv.DictReader(stream)]
    return Contracts(rows)


def named_rows(line: str, prefixes: set[str]) -> list[str]:
    """The ids in a `proves` line: a text may hold blanks and ends where the next id begins."""
    ids: list[str] = []
    for word in line.split()[1:]:
        if word.partition(":")[0] in prefixes and ":" in word:
            ids.append(word)
        elif ids:
            ids[-1] += f" {word}"
    return ids


def claimed_by_scripts(contracts: Contracts, root: Path = ROOT) -> set[str]:
    prefixes = {row.id.partition(":")[0] for row in contracts.rows}
    claimed: set[str] = set()
    for script in sorted((root / "scenarios").rglob("*.scn")):
        for line in script.read_text().splitlines():
            if line.startswith("proves "):
                claimed.update(named_rows(line, prefixes))
    return claimed


def proven_by_verdicts(path: Path = VERDICTS) -> set[str]:
    if not path.is_file():
        return set()
    scenarios = json.loads(path.read_text())["scenarios"]
    return {row for scenario in scenarios if scenario["verdict"] == "PASS" for row in scenario["proves"]}


def show(rows: Iterable[Row]) -> None:
    for row in rows:
        internal = "" if row.counted else " (internal)"
        print(f"{row.id}\t{row.area}{internal}\t{row.promise or row.source}")


def find(contracts: Contracts, words: list[str]) -> None:
    wanted = [word.lower() for word in words]
    show(row for row in contracts.rows if all(word in f"{row.id} {row.promise}".lower() for word in wanted))


def unproven(contracts: Contracts, areas: list[str], claimed: bool) -> None:
    if strange := sorted(set(areas) - set(contracts.areas)):
        sys.exit(f"rows.py: no such area: {', '.join(strange)}")
    done = claimed_by_scripts(contracts) if claimed else proven_by_verdicts()
    rows = [row for row in contracts.rows if row.counted and (not areas or row.area in areas)]
    show(row for row in rows if row.id not in done)
    print(f"{sum(row.id in done for row in rows)} of {len(rows)} proven", file=sys.stderr)


def show_areas(contracts: Contracts) -> None:
    claimed, proven = claimed_by_scripts(contracts), proven_by_verdicts()
    print(f"{'area':20} {'rows':>6} {'claimed':>8} {'proven':>7} {'internal':>9}")
    for area in contracts.areas:
        rows = [row for row in contracts.rows if row.area == area]
        counted = [row for row in rows if row.counted]
        figures = (len(counted), sum(row.id in claimed for row in counted), sum(row.id in proven for row in counted))
        print(f"{area:20} {figures[0]:6} {figures[1]:8} {figures[2]:7} {len(rows) - len(counted):9}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="rows.py", description="The rows of the contract.")
    commands = parser.add_subparsers(dest="command", required=True)
    finding = commands.add_parser("find", help="rows whose id or promise holds every word")
    finding.add_argument("words", nargs="+")
    listing = commands.add_parser("unproven", help="counted rows without proof")
    listing.add_argument("areas", nargs="*")
    listing.add_argument("--claimed", action="store_true", help="a script that names the row is enough")
    commands.add_parser("areas", help="how many rows each area has")
    given = parser.parse_args()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `rows.py find ... | head` is fine
    contracts = load()
    if given.command == "find":
        find(contracts, given.words)
    elif given.command == "unproven":
        unproven(contracts, given.areas, given.claimed)
    else:
        show_areas(contracts)


if __name__ == "__main__":
    main()
