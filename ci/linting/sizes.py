"""Reports long files and functions. Habits, not gates: warnings only."""

import re

from .source import Finding, Source

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
OPENING = re.compile(r"^[^\s#/}][^;=]*\)[^;=]*\{\s*$|^\s+[^\s#/}][^;=]*\)[^;=]*\{\s*$")
NOT_A_FUNCTION = re.compile(r"^\s*(if|for|while|switch|else|do|catch|namespace|class|struct|enum|union|\[)\b")


def check(sources: list[Source]) -> list[Finding]:
    findings = []
    for source in sources:
        lines = source.code.count("\n")
        if lines > FILE_LINES_MAX:
            findings.append(Finding(source.path, 1, f"{lines} lines (habit: {FILE_LINES_MAX})", warning=True))
        findings += long_functions(source)
    return findings


def long_functions(source: Source) -> list[Finding]:
    """A function opens on a line that ends in ") ... {" and ends at the brace of the same indentation."""
    findings, lines = [], source.code.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        if OPENING.match(line) and not NOT_A_FUNCTION.match(line):
            indentation = line[: len(line) - len(line.lstrip())]
            end = next(
                (at for at in range(number + 1, len(lines)) if lines[at].startswith(indentation + "}")), None
            )
            if end is not None:
                length = end - number + 1
                if length > FUNCTION_LINES_MAX:
                    text = f"a function of {length} lines (habit: {FUNCTION_LINES_MAX})"
                    findings.append(Finding(source.path, number + 1, text, warning=True))
                number = end
        number += 1
    return findings
