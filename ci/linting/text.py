"""Plain rules for every committed text: no machine paths, no conflict marks, a final newline."""

import re
from pathlib import Path

from .source import Finding, line_of

TEXT = (".h", ".cc", ".py", ".md", ".txt", ".toml", ".cmake", ".scn", ".csv", ".proto", ".html", ".js", ".css")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home/\w+)/[\w./-]*")
CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)
# Paths that are examples of what a user types or of what the reference says.
EXEMPT = ("golden/", "ci/linting/")


def check(root: Path, files: list[str]) -> list[Finding]:
    findings = []
    for path in files:
        if path.startswith(EXEMPT) or not (path.endswith(TEXT) or path.startswith("ci/")):
            continue
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        findings += [
            Finding(path, line_of(text, match.start()), f"names a path of one machine: {match[0]}")
            for match in MACHINE_PATH.finditer(text)
        ]
        findings += [Finding(path, line_of(text, match.start()), "a conflict mark") for match in CONFLICT.finditer(text)]
        if text and not text.endswith("\n"):
            findings.append(Finding(path, text.count("\n") + 1, "lacks a newline at its end"))
    return findings
