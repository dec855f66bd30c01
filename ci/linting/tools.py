"""Rules that other programs know: clang-format, clang-tidy, shellcheck."""

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .source import Finding

CLANG = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):\d+: (?P<kind>warning|error): (?P<text>.*)$", re.MULTILINE)
GCC = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):\d+: (?P<text>.*)$", re.MULTILINE)
BATCH = 24
# The compile commands are gcc's: clang does not know all of its warning switches.
FOR_CLANG = ("-Wno-unknown-warning-option", "-Wno-gnu-statement-expression")


def program(*names: str) -> str | None:
    return next((name for name in names if shutil.which(name)), None)


def format_check(root: Path, paths: list[str]) -> list[Finding]:
    clang_format = program("clang-format-14", "clang-format")
    if clang_format is None:
        return [Finding(".clang-format", 1, "clang-format is not installed (ci/setup)")]

    def run(batch: list[str]) -> str:
        command = [clang_format, "--dry-run", *batch]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stderr

    batches = [paths[at : at + BATCH] for at in range(0, len(paths), BATCH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        output = "".join(pool.map(run, batches))
    first: dict[str, int] = {}
    for match in CLANG.finditer(output):
        first.setdefault(match["path"], int(match["line"]))
    return [Finding(path, line, "is not formatted (clang-format -i)") for path, line in sorted(first.items())]


def shell_check(root: Path, files: list[str]) -> list[Finding]:
    scripts = [path for path in files if path.startswith((".ci/", "ci/", "tools/")) and is_shell(root / path)]
    shellcheck = program("shellcheck")
    if not scripts:
        return []
    if shellcheck is None:
        return [Finding(scripts[0], 1, "shellcheck is not installed (ci/setup)")]
    command = [shellcheck, "--external-sources", "--format=gcc", *scripts]
    output = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout
    return [Finding(match["path"], int(match["line"]), match["text"]) for match in GCC.finditer(output)]


def is_shell(path: Path) -> bool:
    with path.open("rb") as stream:
        start = stream.readline(64)
    return path.suffix == ".sh" or (start.startswith(b"#!") and b"sh" in start)


def tidy_check(root: Path, build: Path, paths: list[str]) -> list[Finding]:
    """clang-tidy over the sources that the build folder's compile commands know."""
    clang_tidy = program("clang-tidy-19", "clang-tidy")
    commands = build / "compile_commands.json"
    if clang_tidy is None:
        return [Finding(".clang-tidy", 1, "clang-tidy is not installed (ci/setup)")]
    if not commands.is_file():
        return [Finding(".clang-tidy", 1, f"{commands} is missing: configure that preset first")]
    known = {str(Path(entry["file"]).resolve()) for entry in json.loads(commands.read_text())}
    units = [path for path in paths if str((root / path).resolve()) in known]

    def run(path: str) -> str:
        command = [clang_tidy, "-p", str(build), "--quiet", *(f"--extra-arg={flag}" for flag in FOR_CLANG), path]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        return done.stdout

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        output = "".join(pool.map(run, units))
    prefix = str(root) + "/"
    found = {
        Finding(match["path"].removeprefix(prefix), int(match["line"]), match["text"])
        for match in CLANG.finditer(output)
    }
    return sorted(found, key=lambda finding: (finding.path, finding.line, finding.text))
