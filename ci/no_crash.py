#!/usr/bin/env python3
"""Fails if a run has a scenario that ended in a crash or a sanitizer's report.

usage: ci/no_crash.py EVIDENCE
"""

import json
import sys
from pathlib import Path


def main() -> int:
    run = json.loads(Path(sys.argv[1]).read_text())
    totals = {verdict: count for verdict, count in run["totals"].items() if verdict.isupper() and count}
    print("; ".join(f"{count} {verdict}" for verdict, count in totals.items()))
    crashed = [scenario for scenario in run["scenarios"] if scenario["verdict"] == "CRASH"]
    for scenario in crashed:
        print(f"{scenario['name']}: {scenario['reason']}")
    return 1 if crashed or not run["scenarios"] else 0


if __name__ == "__main__":
    sys.exit(main())
