"""Headers stay light: what they may not include, because every file that includes them would pay for it."""

import re

from .source import Finding, Source

HEAVY = [
    ("Asio", re.compile(r"^boost/asio([./]|$)")),
    ("Beast", re.compile(r"^boost/beast([./]|$)")),
    ("Boost.Process", re.compile(r"^boost/process([./]|$)")),
    ("gRPC", re.compile(r"^(grpc|grpcpp|google/protobuf)/|\.pb\.h$")),
    ("nlohmann-json", re.compile(r"^nlohmann/")),
    ("spdlog", re.compile(r"^spdlog/")),
    ("OpenSSL", re.compile(r"^openssl/")),
    ("<chrono>", re.compile(r"^chrono$")),
    ("<regex>", re.compile(r"^regex$")),
    ("<iostream>", re.compile(r"^iostream$")),
    ("fmt beyond fmt/core.h", re.compile(r"^fmt/(?!core\.h$)")),
]
# The implementation of the real ground is Asio's and OpenSSL's home; nobody outside includes its headers.
HOME_OF_HEAVY = "server/sys/real/"
NLOHMANN_HOME = "server/gojson/"


def check(sources: list[Source]) -> list[Finding]:
    findings = []
    for source in sources:
        for include in source.includes:
            reason = heavy(source, include.target) or foreign_json(source, include.target)
            if reason:
                findings.append(Finding(source.path, include.line, reason))
        findings += opening(source)
    return findings


def heavy(source: Source, target: str) -> str | None:
    if not source.is_header or source.path.startswith(HOME_OF_HEAVY):
        return None
    name = next((name for name, rule in HEAVY if rule.search(target)), None)
    return f"a header includes {name}: {target}" if name else None


def foreign_json(source: Source, target: str) -> str | None:
    """gojson/ is the only user of nlohmann-json in the server (tests may use it to look at output)."""
    if not source.path.startswith("server/") or source.path.startswith(NLOHMANN_HOME) or source.is_test:
        return None
    return "only server/gojson/ uses nlohmann-json in the server" if target.startswith("nlohmann/") else None


def opening(source: Source) -> list[Finding]:
    """A header is guarded by #pragma once; a source includes its own header first."""
    if source.is_header:
        guarded = re.search(r"^#pragma once$", source.text, re.MULTILINE)
        return [] if guarded else [Finding(source.path, 1, "lacks #pragma once")]
    own = own_header(source)
    if own and source.includes and source.includes[0].target != own:
        return [Finding(source.path, source.includes[0].line, f'the first include is not its own header "{own}"')]
    return []


def own_header(source: Source) -> str | None:
    """The header a source implements or tests, if it includes a header of its own name."""
    stem = source.path.removesuffix(".cc").removesuffix("_test")
    own = stem + ".h"
    return own if any(include.target == own for include in source.includes) else None
