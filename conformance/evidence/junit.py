"""JUnit XML: a scenario is a test case of the class of its area."""

import xml.etree.ElementTree as xml

FAILING = {"DIFFERS", "FLAKY"}
BROKEN = {"CRASH", "TIMEOUT"}


def document(evidence: dict) -> bytes:
    scenarios = evidence["scenarios"]
    suite = xml.Element("testsuite", name=f"natstwin {evidence['candidate']['label']}")
    counts = {"tests": len(scenarios), "failures": 0, "errors": 0, "skipped": 0}
    for scenario in scenarios:
        case = xml.SubElement(
            suite,
            "testcase",
            classname=scenario["area"],
            name=scenario["name"],
            time=f"{scenario.get('seconds', 0):.3f}",
        )
        if kind := outcome(scenario):
            counts[{"failure": "failures", "error": "errors", "skipped": "skipped"}[kind]] += 1
            element = xml.SubElement(case, kind, message=f"{scenario['verdict']}: {scenario.get('reason', '')}")
            element.text = "\n".join(printable(entry["line"]) for entry in scenario.get("differences", []))
    for name, value in counts.items():
        suite.set(name, str(value))
    suite.set("time", f"{evidence.get('seconds', 0):.3f}")
    root = xml.Element("testsuites")
    root.append(suite)
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def outcome(scenario: dict) -> str | None:
    verdict = scenario["verdict"]
    if verdict == "PASS":
        return None
    if "expected" in scenario or verdict in ("UNSUPPORTED", "NOT-RUN"):
        return "skipped"
    return "error" if verdict in BROKEN else "failure"


def printable(text: str) -> str:
    """XML has no control characters."""
    return "".join(letter if letter >= " " or letter == "\t" else "\N{REPLACEMENT CHARACTER}" for letter in text)
