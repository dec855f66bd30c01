"""The report site: plain files that work from file://, without anything from outside."""

import json
import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

import align
import plots
from model import DIFFERING, HERE, INTERNAL, PROVEN, ROOT, UNPROVEN, Evidence, counted

MASK_PARTS = ("exact", "renamed", "bounded", "free")
MASK_COLOURS = ["#2f7d4f", "#2f6fb0", "#c9952c", "#c2452d"]
VERDICTS = ("PASS", "DIFFERS", "CRASH", "TIMEOUT", "UNSUPPORTED", "NOT-RUN", "FLAKY")


class Site:
    def __init__(self, evidence: Evidence, run: dict, root: Path = ROOT):
        self.evidence, self.run, self.root = evidence, run, root
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals |= {
            "run": run,
            "evidence": evidence,
            "page_of": page_of,
            "verdicts": VERDICTS,
            "has": {key: key in run for key in ("controls", "mutation", "bench")},
        }

    def write(self, folder: Path) -> int:
        """Returns the number of pages."""
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("areas", "scenarios"):
            (folder / name).mkdir(parents=True)
        for asset in (HERE / "static").iterdir():
            shutil.copyfile(asset, folder / asset.name)
        (folder / "index.js").write_text(self.search_index())
        pages = {"index.html": self.matrix(), "scenarios.html": self.scenario_list(), "search.html": {}}
        pages |= {"mask.html": self.mask(), "mutation.html": {}, "controls.html": {}, "bench.html": self.bench()}
        for name, context in pages.items():
            self.render(folder / name, name, up="", **context)
        for area, standings in self.evidence.by_area.items():
            self.render(folder / "areas" / f"{area}.html", "area.html", up="../", area=area, standings=standings)
        for scenario in self.run["scenarios"]:
            path = folder / page_of(scenario["name"])
            self.render(path, "scenario.html", up="../", **self.scenario(scenario))
        return len(pages) + len(self.evidence.by_area) + len(self.run["scenarios"])

    def render(self, path: Path, template: str, **context) -> None:
        path.write_text(self.environment.get_template(template).render(page=template, **context))

    def matrix(self) -> dict:
        rows = []
        for area in self.evidence.by_area:
            totals = self.evidence.area_totals(area)
            rows.append({"area": area, "rows": counted(totals), **figures(totals)})
        totals = self.evidence.totals
        return {"areas": rows, "all": {"rows": counted(totals), **figures(totals)}}

    def scenario_list(self) -> dict:
        return {"scenarios": sorted(self.run["scenarios"], key=lambda entry: entry["name"])}

    def mask(self) -> dict:
        def entry(name: str, leaves: dict) -> dict:
            counts = [(part, leaves.get(part, 0)) for part in MASK_PARTS]
            return {"name": name, "counts": counts, "total": sum(count for _, count in counts),
                    "bar": plots.share_bar(counts, MASK_COLOURS)}

        scenarios = [entry(scenario["name"], scenario["leaves"]) for scenario in self.run["scenarios"]]
        scenarios.sort(key=lambda item: (-(item["counts"][3][1] / (item["total"] or 1)), item["name"]))
        return {"whole": entry("all goldens", self.run.get("mask", {})), "scenarios": scenarios,
                "legend": list(zip(MASK_PARTS, MASK_COLOURS, strict=True))}

    def bench(self) -> dict:
        measurements = bench_measurements(self.run.get("bench"))
        return {"measurements": measurements, "plot": plots.pair_bars(measurements) if measurements else ""}

    def scenario(self, scenario: dict) -> dict:
        golden, replay = self.text_of(scenario.get("golden")), self.text_of(scenario.get("replay"))
        rows = align.side_by_side(golden, replay, scenario.get("differences", []))
        return {"scenario": scenario, "script": self.text_of(scenario.get("script")), "golden": golden,
                "replay": replay, "rows": align.shortened(rows)}

    def text_of(self, path: str | None) -> str:
        if not path or not (self.root / path).is_file():
            return ""
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def search_index(self) -> str:
        entries = [
            [scenario["name"], f"scenario {scenario['verdict']}", page_of(scenario["name"])]
            for scenario in self.run["scenarios"]
        ]
        for standing in self.evidence.standings:
            row = standing.row
            about = f"{row.area} {standing.status} {row.promise or row.source}"
            entries.append([row.id, about, f"areas/{row.area}.html#{row.id}"])
        return f"window.natstwinIndex = {json.dumps(entries, separators=(',', ':'))};\n"


def figures(totals) -> dict:
    return {status: totals[status] for status in (PROVEN, DIFFERING, UNPROVEN, INTERNAL)}


def page_of(scenario: str) -> str:
    return f"scenarios/{scenario.replace('/', '--')}.html"


def bench_measurements(bench: dict | None) -> list[dict]:
    """The rows of ci/bench that were measured on both sides; `mark` is the ratio that the target asks for."""
    return [measurement(row) for row in (bench or {}).get("rows", []) if row.get("ratio")]


def measurement(row: dict) -> dict:
    target = row["target"]
    limit = None if target is None else target.get("max", target.get("min"))
    sign = "" if target is None else ("at most " if "max" in target else "at least ")
    unit = "x" if target and target["kind"] == "ratio" else f" {row['unit']}"
    return {
        "name": f"{row['case']}: {row['metric']}",
        "title": row["title"],
        "unit": row["unit"],
        "reference": row["reference"]["median"],
        "candidate": row["candidate"]["median"],
        "ratio": row["ratio"]["median"],
        "mark": limit if target and target["kind"] == "ratio" else None,
        "target": f"{sign}{limit:g}{unit}" if target else "",
        "verdict": row["verdict"],
    }


def badge(evidence: Evidence) -> str:
    passing, total = evidence.verdicts["PASS"], len(evidence.summary["scenarios"])
    colour = "#2f7d4f" if passing == total else "#c9952c" if passing * 2 >= total else "#c2452d"
    return plots.badge("parity", f"{passing}/{total} scenarios", colour)
