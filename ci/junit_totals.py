#!/usr/bin/env python3
"""Prints how many tests passed and failed in JUnit files (pytest's, GoogleTest's, ours).

usage: ci/junit_totals.py FILE...
"""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path


def totals(path: Path) -> tuple[int, int]:
    passed = failed = 0
    for case in xml.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        skipped = "skipped" in kinds or case.get("status") == "notrun"
        if kinds & {"failure", "error"}:
            failed += 1
        elif not skipped:
            passed += 1
    return passed, failed


def main() -> None:
    # a test program that died before it wrote its report left nothing to count: its exit code speaks
    pairs = [totals(Path(name)) for name in sys.argv[1:] if Path(name).is_file() and Path(name).stat().st_size]
    print(sum(passed for passed, _ in pairs), sum(failed for _, failed in pairs))


if __name__ == "__main__":
    main()
