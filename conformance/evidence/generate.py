#!/usr/bin/env python3
"""Everything that is published of a run, from one file.

usage: conformance/evidence/generate.py verdicts  [--evidence out/evidence.json] [--into FILE]
       conformance/evidence/generate.py documents [--into FOLDER]
       conformance/evidence/generate.py controls  [--evidence out/evidence.json]
       conformance/evidence/generate.py site      [--evidence out/evidence.json] [--into out]

`verdicts` writes the summary that is committed (verdicts.json); `documents` makes parity-map.md and
differences.md from that summary; `controls` adds the runs in controls/*/ to the evidence; `site` makes site/, junit.xml and badge.svg from the whole run.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import documents  # noqa: E402
import junit  # noqa: E402
import site_pages  # noqa: E402
from model import (  # noqa: E402
    HERE,
    ROOT,
    Evidence,
    EvidenceError,
    load_contracts,
    load_implementations,
    summary_text,
    without_noise,
)

VERDICTS = HERE / "verdicts.json"


def read_run(path: Path) -> dict:
    if not path.is_file():
        raise EvidenceError(f"{path} is not there: run ci/parity first")
    run = json.loads(path.read_text())
    if run.get("format") != "natstwin evidence 1":
        raise EvidenceError(f"{path} is not of format 'natstwin evidence 1'")
    return run


def carried_over(summary: dict, earlier: dict) -> dict:
    """What this run could not tell stays as it was told before: tools that are missing here (NOT-RUN),
    and measurements that other commands make (controls, mutation)."""
    before = {scenario["name"]: scenario for scenario in earlier.get("scenarios", [])}
    summary["scenarios"] = [
        before.get(scenario["name"], scenario) if scenario["verdict"] == "NOT-RUN" else scenario
        for scenario in summary["scenarios"]
    ]
    if not summary["controls"]:
        summary["controls"] = earlier.get("controls", [])
    if "mutation" not in summary and "mutation" in earlier:
        scenarios = summary.pop("scenarios")
        summary |= {"mutation": earlier["mutation"], "scenarios": scenarios}
    return summary


def write_verdicts(given: argparse.Namespace) -> str:
    earlier = json.loads(VERDICTS.read_text()) if VERDICTS.is_file() else {}
    summary = carried_over(without_noise(read_run(given.evidence)), earlier)
    into = given.into or VERDICTS
    into.write_text(summary_text(summary))
    Evidence(load_contracts(), summary)  # refuses unknown rows
    return f"{len(summary['scenarios'])} verdicts into {into}"


def write_documents(given: argparse.Namespace) -> str:
    summary = json.loads(VERDICTS.read_text())
    evidence = Evidence(load_contracts(), summary, load_implementations())
    into = given.into or ROOT
    documents.write(evidence, into)
    totals = evidence.totals
    return f"parity-map.md and differences.md into {into}: {totals['proven']} rows proven, {totals['differing']} differing"


def write_site(given: argparse.Namespace) -> str:
    run = read_run(given.evidence)
    measured = given.evidence.parent / "bench.json"  # ci/bench leaves it there
    if "bench" not in run and measured.is_file():
        run["bench"] = json.loads(measured.read_text())
    evidence = Evidence(load_contracts(), without_noise(run), load_implementations())
    into = given.into or ROOT / "out"
    into.mkdir(parents=True, exist_ok=True)
    pages = site_pages.Site(evidence, run, given.files).write(into / "site")
    (into / "junit.xml").write_bytes(junit.document(run))
    (into / "badge.svg").write_text(site_pages.badge(evidence))
    return f"{pages} pages into {into / 'site'}; open index.html there"


def add_controls(given: argparse.Namespace) -> str:
    run = read_run(given.evidence)
    paths = sorted((given.evidence.parent / "controls").glob("*/evidence.json"))
    run["controls"] = [control_of(read_run(path)) for path in paths]
    given.evidence.write_text(json.dumps(run, indent=1) + "\n")
    return f"{len(paths)} controls into {given.evidence}"


def control_of(run: dict) -> dict:
    """One run of a server that is not the candidate, in short."""
    return {
        "label": run["candidate"]["label"],
        "version": run["candidate"]["version"],
        "totals": {name: count for name, count in run["totals"].items() if name != "rows_proven"},
        "unexpected": sorted({problem["scenario"] for problem in run["expectations"]["problems"]}),
    }


COMMANDS = {"verdicts": write_verdicts, "documents": write_documents, "controls": add_controls, "site": write_site}


def main() -> int:
    parser = argparse.ArgumentParser(prog="generate.py", description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=COMMANDS)
    parser.add_argument("--evidence", type=Path, default=ROOT / "out" / "evidence.json")
    parser.add_argument("--into", type=Path)
    parser.add_argument("--files", type=Path, default=ROOT, help="what paths of goldens and replays are relative to")
    given = parser.parse_args()
    try:
        print(f"evidence: {COMMANDS[given.what](given)}")
    except EvidenceError as error:
        print(f"evidence: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
