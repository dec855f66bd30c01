"""Which folder may use which: a folder of server/ includes only folders above it in the design's table."""

from .source import Finding, Source

# The table, top to bottom. Folders on one line do not know each other.
ORDER: list[tuple[str, ...]] = [
    ("base",),
    ("sys",),
    ("gojson",),
    ("subject",),
    ("protocol",),
    ("websocket",),
    ("config",),
    ("auth",),
    ("store",),
    ("raft",),
    ("account",),
    ("broker",),
    ("route", "gateway", "leafnode", "jetstream"),
    ("mqtt",),
    ("system",),
    ("monitor",),
    ("app",),
    ("simulation",),
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}

# Who may name a ground's implementation; everyone else knows the interface in server/sys/ only.
GROUNDS = ("server/sys/real", "server/sys/sim")
GROUND_CHOOSERS = ("server/app/main.cc",)


def check(sources: list[Source]) -> list[Finding]:
    findings = []
    for source in sources:
        for include in source.includes:
            reason = forbidden(source, include.target)
            if reason:
                findings.append(Finding(source.path, include.line, reason))
    return findings + cycles(sources)


def forbidden(source: Source, target: str) -> str | None:
    parts, target_parts = source.path.split("/"), target.split("/")
    if parts[0] in ("conformance", "tools") and target_parts[0] == "server":
        return f'the harness does not know the server: "{target}"'
    if parts[0] != "server":
        return None
    if target_parts[0] in ("conformance", "tools", "tests"):
        return f'the server does not know the harness: "{target}"'
    if target_parts[0] != "server" or len(target_parts) < 3:
        return None
    if parts[1] not in LEVEL:
        return f"server/{parts[1]} is not in the table of folders (ci/linting/arrows.py)"
    return wrong_ground(source, target) or wrong_direction(parts[1], target_parts[1])


def wrong_direction(user: str, used: str) -> str | None:
    if used not in LEVEL:
        return f"server/{used} is not in the table of folders (ci/linting/arrows.py)"
    if user == used or LEVEL[used] < LEVEL[user]:
        return None
    relation = "beside" if LEVEL[used] == LEVEL[user] else "above"
    return f"an arrow points up: server/{user} uses server/{used}, and {user} stands {relation} {used}"


def wrong_ground(source: Source, target: str) -> str | None:
    ground = next((name for name in GROUNDS if target.startswith(name + "/")), None)
    if ground is None or source.path.startswith(ground + "/"):
        return None
    if source.is_test or source.path in GROUND_CHOOSERS or source.path.startswith("server/simulation/"):
        return None
    return f'only app/main.cc and simulation/ choose a ground: "{target}"'


def cycles(sources: list[Source]) -> list[Finding]:
    """No two folders include each other. Between rooms of one folder it is a habit, not a gate."""
    uses: dict[tuple[str, str], tuple[str, int]] = {}
    for source in sources:
        if source.is_test:
            continue
        for include in source.includes:
            used = include.target.rpartition("/")[0]
            if include.angled or used == source.folder or not used:
                continue
            uses.setdefault((source.folder, used), (source.path, include.line))
    return [
        Finding(path, line, f"{user} and {used} include each other", warning=same_library(user, used))
        for (user, used), (path, line) in sorted(uses.items())
        if (used, user) in uses
    ]


def same_library(one: str, other: str) -> bool:
    return one.split("/")[:2] == other.split("/")[:2]
