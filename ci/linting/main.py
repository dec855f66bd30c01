"""The command line of ci/lint."""

import argparse
import sys
from fnmatch import fnmatch
from pathlib import Path

from . import arrows, generated, goldens, ground, headers, sizes, text, tools
from .source import Finding, cxx_sources, listed_files

ROOT = Path(__file__).resolve().parents[2]


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ci/lint",
        description="Holds the rules of the work tree. Findings fail the run, warnings do not.",
    )
    parser.add_argument("paths", nargs="*", help="narrow the report to these paths (patterns allowed)")
    parser.add_argument("--only", action="append", choices=sorted(RULES), help="run only this rule (repeatable)")
    parser.add_argument("--list", action="store_true", help="list the rules and stop")
    parser.add_argument("--warnings", action="store_true", help="print warnings too, not only their number")
    parser.add_argument("--tidy", action="store_true", help="run clang-tidy instead, on what is no test (slow)")
    parser.add_argument("--build", default="build/dev", help="build folder whose compile commands clang-tidy uses")
    parser.add_argument("--root", default=str(ROOT), help="another work tree")
    return parser.parse_args(argv)


# rule -> (what it holds, function of root, files, C++ sources)
RULES = {
    "arrows": ("folders use only folders above them", lambda root, files, cxx: arrows.check(cxx)),
    "ground": ("server/ outside server/sys/ stands on the ground only", lambda root, files, cxx: ground.check(cxx)),
    "headers": ("headers are light and guarded", lambda root, files, cxx: headers.check(cxx)),
    "goldens": ("scripts and goldens come in pairs", lambda root, files, cxx: goldens.check(root, files)),
    "generated": ("generated files are fresh", lambda root, files, cxx: generated.check(root, files)),
    "text": ("no machine paths, no conflict marks", lambda root, files, cxx: text.check(root, files)),
    "shell": ("shellcheck is content", lambda root, files, cxx: tools.shell_check(root, files)),
    "format": (
        "clang-format is content",
        lambda root, files, cxx: tools.format_check(root, [source.path for source in cxx]),
    ),
    "sizes": ("long files and functions (warnings)", lambda root, files, cxx: sizes.check(cxx)),
}


def selected(finding: Finding, patterns: list[str]) -> bool:
    return not patterns or any(
        fnmatch(finding.path, pattern) or finding.path.startswith(pattern.rstrip("/") + "/") for pattern in patterns
    )


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    if options.list:
        for name, (what, _) in RULES.items():
            print(f"{name:10} {what}")
        return 0
    root = Path(options.root).resolve()
    files = listed_files(root)
    cxx = cxx_sources(root, files)
    if options.tidy:
        return report("tidy", run_tidy(root, options, [source.path for source in cxx]), options)
    failed = 0
    for name in options.only or RULES:
        failed |= report(name, [found for found in RULES[name][1](root, files, cxx)], options)
    return failed


def run_tidy(root: Path, options: argparse.Namespace, paths: list[str]) -> list[Finding]:
    sources = [path for path in paths if path.endswith(".cc") and not path.endswith(("_test.cc", "_fuzz.cc"))]
    wanted = [path for path in sources if selected(Finding(path, 1, ""), options.paths)]
    return tools.tidy_check(root, root / options.build, wanted)


def report(name: str, findings: list[Finding], options: argparse.Namespace) -> int:
    findings = [finding for finding in findings if selected(finding, options.paths)]
    errors = [finding for finding in findings if not finding.warning]
    warnings = [finding for finding in findings if finding.warning]
    for finding in errors + (warnings if options.warnings else []):
        print(finding)
    note = f", {len(warnings)} warnings" if warnings else ""
    print(f"lint: {name}: {'ok' if not errors else f'{len(errors)} findings'}{note}")
    sys.stdout.flush()
    return 1 if errors else 0
