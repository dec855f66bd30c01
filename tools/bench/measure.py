"""Runs a case on both servers, turn by turn, each trial on a fresh server."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from tools.bench import servers
from tools.bench.cases import Case

TRIAL_SECONDS_MAX = 90


class TrialFailed(Exception):
    pass


@dataclass
class CaseRun:
    case: Case
    reference: list[dict] = field(default_factory=list)
    candidate: list[dict] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _load(words: list[str]) -> dict:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=TRIAL_SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired as error:
        raise TrialFailed(f"no figures after {TRIAL_SECONDS_MAX} s") from error
    if done.returncode != 0:
        raise TrialFailed(done.stderr.strip() or f"natstwin-load: exit code {done.returncode}")
    return json.loads(done.stdout)


def trial(load: Path, server: Path, case: Case, quick: bool) -> dict:
    words = [str(load), *case.words(quick)]
    if case.starts_server:
        port = servers.free_port()
        return _load([*words, "--port", str(port), "--", *servers.arguments(server, port)])
    monitor_port = servers.free_port() if case.monitored else 0
    if monitor_port:
        words += ["--monitor-port", str(monitor_port)]
    with servers.running(server, case.tls, monitor_port) as (port, pid):
        return _load([*words, "--port", str(port), "--pid", str(pid)])


def run_case(
    load: Path, reference: Path, candidate: Path, case: Case, quick: bool, progress: Callable[[str], None]
) -> CaseRun:
    """A B A B ... A trial that fails ends the case: its error is kept, and complete pairs before it."""
    run = CaseRun(case)
    rounds = case.round_count(quick)
    for number in range(1, rounds + 1):
        pair = []
        for side, server in (("reference", reference), ("candidate", candidate)):
            progress(f"{case.name} {number}/{rounds} {side}")
            try:
                pair.append(trial(load, server, case, quick))
            except (TrialFailed, servers.ServerFailed) as error:
                run.errors.append(f"{side}: {error}")
                return run
        run.reference.append(pair[0])
        run.candidate.append(pair[1])
    return run
