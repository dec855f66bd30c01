#!/usr/bin/env python3
"""The Go `nats` command, built once into .cache/bin where a Go toolchain is present.

usage: conformance/suites/clients/nats_tool.py     (prints where it is, or why there is none)
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODULE = "github.com/nats-io/natscli/nats"
VERSION = "v0.5.0"
BUILD_TIMEOUT = 900


class MissingToolError(Exception):
    pass


def nats_tool() -> Path:
    """The command, or a MissingToolError that says why there is none."""
    folder = ROOT / ".cache/bin"
    target = folder / f"nats-{VERSION}"
    if (folder / "nats").exists() and target.is_file():
        return target
    if not target.is_file() and shutil.which("go") is None:
        raise MissingToolError(f"no Go toolchain here to build {MODULE}@{VERSION}")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes in parallel build it once
        if not target.is_file():
            build(folder, target)
    link = folder / "nats"  # what scripts call
    if not link.exists():
        link.symlink_to(target.name)
    return target


def build(folder: Path, target: Path) -> None:
    fresh = folder / "fresh"
    environment = os.environ | {"GOBIN": str(fresh)}
    done = subprocess.run(
        ["go", "install", f"{MODULE}@{VERSION}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        raise MissingToolError(f"go install {MODULE}@{VERSION} failed: {done.stderr.strip()[-300:]}")
    os.replace(fresh / "nats", target)


def main() -> int:
    try:
        print(nats_tool())
    except MissingToolError as error:
        print(f"nats_tool.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
