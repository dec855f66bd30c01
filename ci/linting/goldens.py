"""Scripts and goldens come in pairs, and a golden was recorded from the script as it stands."""

import hashlib
import re
from pathlib import Path

from .source import Finding

HASH = re.compile(r"sha256:([0-9a-f]{64})")
HEAD_BYTES = 4096  # the hash stands in the head of a golden


def check(root: Path, files: list[str]) -> list[Finding]:
    scripts = {path.removeprefix("scenarios/")[:-4]: path for path in files if is_script(path)}
    goldens = {path.removeprefix("golden/")[:-6]: path for path in files if is_golden(path)}
    findings = [
        Finding(scripts[name], 1, f"has no golden golden/{name}.trace (record it: ci/record '{name}')")
        for name in sorted(scripts.keys() - goldens.keys())
    ]
    findings += [
        Finding(goldens[name], 1, f"has no scenario scenarios/{name}.scn")
        for name in sorted(goldens.keys() - scripts.keys())
    ]
    for name in sorted(scripts.keys() & goldens.keys()):
        findings += mismatch(root, name, scripts[name], goldens[name])
    return findings


def is_script(path: str) -> bool:
    return path.startswith("scenarios/") and path.endswith(".scn")


def is_golden(path: str) -> bool:
    return path.startswith("golden/") and path.endswith(".trace")


def mismatch(root: Path, name: str, script: str, golden: str) -> list[Finding]:
    with (root / golden).open("rb") as stream:
        head = stream.read(HEAD_BYTES).decode("utf-8", "replace")
    recorded = HASH.search(head)
    if recorded is None:
        return [Finding(golden, 1, "does not say the hash of its script in its head")]
    actual = hashlib.sha256((root / script).read_bytes()).hexdigest()
    if recorded[1] == actual:
        return []
    return [Finding(golden, 1, f"was recorded from another text of {script} (record again: ci/record '{name}')")]
