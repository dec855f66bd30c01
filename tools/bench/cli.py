"""ci/bench: measures a candidate server side by side with the reference, in one run."""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from tools.bench import servers, table, targets
from tools.bench.cases import CASES, select
from tools.bench.measure import CaseRun, run_case
from tools.bench.rows import FAILED, MISSED, OK, noise_of, rows_of

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build" / "release"
FORMAT = "natstwin-bench/1"
NOISY_SHARE = 0.1


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ci/bench",
        description=__doc__,
        epilog="cases: " + ", ".join(case.name for case in CASES),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("cases", nargs="*", metavar="case", help="name or pattern, such as 'latency-*' (default: all)")
    parser.add_argument("--server", type=Path, help="candidate (default: build/release/bin/nats-server, built first)")
    parser.add_argument("--reference", type=Path, default=ROOT / ".venv/bin/nats-server", help="the Go server")
    parser.add_argument("--load", type=Path, help="natstwin-load (default: the release build's, built first)")
    parser.add_argument("--json", type=Path, default=ROOT / "out/bench.json", help="where the figures go")
    parser.add_argument("--quick", action="store_true", help="shorter and fewer trials, under a minute")
    parser.add_argument("--check", action="store_true", help="exit code 1 if a target is missed")
    parser.add_argument("--no-build", action="store_true", help="take the release build as it is")
    parser.add_argument("--list", action="store_true", help="show cases and targets, measure nothing")
    return parser.parse_args(words)


def _build(names: list[str]) -> None:
    print(f"building {', '.join(names)} (release)", file=sys.stderr)
    if not (RELEASE / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=sys.stderr)
    subprocess.run(["cmake", "--build", str(RELEASE), "--target", *names], cwd=ROOT, check=True, stdout=sys.stderr)


def _binaries(arguments: argparse.Namespace) -> tuple[Path, Path, Path]:
    """Load generator, reference, candidate: built if they are the project's own, and there."""
    load = arguments.load or RELEASE / "bin/natstwin-load"
    server = arguments.server or RELEASE / "bin/nats-server"
    own = [path.name for path, given in ((load, arguments.load), (server, arguments.server)) if not given]
    if own and not arguments.no_build:
        _build(own)
    found = tuple(Path(os.path.abspath(path)) for path in (load, arguments.reference, server))
    for path in found:
        if not os.access(path, os.X_OK):
            hint = "; ci/setup installs it" if path == arguments.reference else ""
            raise FileNotFoundError(f"no program {path}{hint}")
    return found


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _list() -> None:
    known = targets.load()
    for case in CASES:
        print(f"{case.name:16} {case.title}")
        for metric in case.metrics:
            target = known.get((case.name, metric.name))
            print(f"{'':16}   {metric.name} [{metric.unit}] {json.dumps(target.to_json()) if target else ''}".rstrip())


def _measure(arguments: argparse.Namespace) -> dict:
    chosen = select(arguments.cases)
    known = targets.load()
    load, reference, server = _binaries(arguments)
    result = {
        "format": FORMAT,
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "quick": arguments.quick,
        "reference": servers.version(reference),
        "candidate": servers.version(server),
        "same_binary": reference.resolve() == server.resolve(),
        "machine": {"processor": _processor(), "processors": os.cpu_count(), "kernel": platform.release()},
    }
    begin = time.monotonic()
    runs: list[CaseRun] = []
    for case in chosen:
        runs.append(run_case(load, reference, server, case, arguments.quick, _progress))
        _progress("")
        print(f"[{time.monotonic() - begin:4.0f} s] {case.name}: {case.title}", file=sys.stderr)
    result["seconds"] = round(time.monotonic() - begin, 1)
    result["noise"] = noise_of(runs)
    result["rows"] = [row for run in runs for row in rows_of(run, known)]
    return result


def _print(result: dict) -> None:
    same = " (the same binary: the ratios show the noise)" if result["same_binary"] else ""
    print(f"reference: {result['reference']}\ncandidate: {result['candidate']}{same}\n")
    print(table.render(result["rows"]))
    counts = {verdict: sum(row["verdict"] == verdict for row in result["rows"]) for verdict in (OK, MISSED, FAILED)}
    print(f"\n{counts[OK]} ok, {counts[MISSED]} missed, {counts[FAILED]} failed; {result['seconds']:.0f} s", end="")
    if noise := result["noise"]:
        share = noise["foreign_cpu_share_median"]
        print(f"; other processes used {share:.0%} of the machine, at most {noise['foreign_cpu_share_max']:.0%}", end="")
        if share > NOISY_SHARE:
            print("; TOO NOISY to judge by", end="")
    print()


def main(words: list[str]) -> int:
    arguments = _arguments(words)
    # So that `finally` ends the servers when this program is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    if arguments.list:
        _list()
        return 0
    try:
        result = _measure(arguments)
    except (ValueError, FileNotFoundError, servers.ServerFailed, subprocess.CalledProcessError) as error:
        print(f"ci/bench: {error}", file=sys.stderr)
        return 2
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    _print(result)
    bad = any(row["verdict"] in (MISSED, FAILED) for row in result["rows"])
    return 1 if arguments.check and bad else 0
