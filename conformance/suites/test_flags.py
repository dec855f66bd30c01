"""Every flag, given wrongly: what each binary prints and how it ends, ours as the reference."""

import csv
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / ".cache/reference/2.15.1/bin/nats-server"
OURS = ROOT / "build/release/bin/nats-server"
FLAGS = ROOT / "conformance/contracts/rows/flag.csv"
WRONG = {
    "bool": ["", "yes", "2", "tRUE", " true"],
    "int": ["", "abc", "1.5", " 1", "0b2", "1_", "0x", "99999999999999999999", "-99999999999999999999"],
    "int64": ["", "abc", "1k", "08", "9223372036854775808"],
}
WORDS = [
    ["foo"],
    ["VERSION"],
    ["-"],
    ["---v"],
    ["-="],
    ["--=x"],
    ["-nope"],
    ["--nope=1"],
    ["-hh"],
    ["-vv"],
    ["-p", "4222", "foo"],
    ["--", "foo"],
    ["-D", "foo"],
    ["-v", "foo"],
    ["version", "foo"],
    ["--", "-v"],
    ["-v=false", "version"],
    ["-c", "missing.conf"],
    ["-t", "-c", "missing.conf"],
    ["-t"],
    ["-sl", "quit=abc"],
    ["-sl", "quit=1=2"],
    ["--signal=quit=12x*"],
]


def rows():
    with FLAGS.open() as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            spellings, kind, *_ = row["promise"].split("; ")
            yield from ((spelling.lstrip("-"), kind) for spelling in spellings.split())


def command_lines():
    for name, kind in rows():
        for value in WRONG.get(kind, []):
            yield [f"-{name}={value}"]
        if kind != "bool":
            yield [f"--{name}"]  # no value
    yield from WORDS


def answer(binary, words, folder):
    done = subprocess.run([binary, *words], capture_output=True, text=True, timeout=20, cwd=folder, check=False)
    stderr = re.sub(r"(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", "", done.stderr)
    return done.returncode, done.stdout, stderr


@pytest.mark.skipif(not OURS.exists() and "NATSTWIN_SERVER" not in os.environ, reason="no release build here yet")
@pytest.mark.parametrize("words", list(command_lines()), ids=" ".join)
def test_command_line(tmp_path, words):
    ours = Path(os.environ.get("NATSTWIN_SERVER", OURS)).resolve()
    theirs = answer(REFERENCE, words, tmp_path)
    assert theirs[0] in (0, 1, 2)
    assert answer(ours, words, tmp_path) == theirs
