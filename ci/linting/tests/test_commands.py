"""The commands of ci/ as a newcomer tries them."""

import re
import subprocess
from pathlib import Path

import pytest

CI = Path(__file__).resolve().parents[2]
STEPS = sorted((CI / "steps").iterdir())


def run(name, *arguments):
    return subprocess.run([str(CI / name), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["setup", "parity", "test", "record", "bench", "lint"])
def test_every_command_explains_itself(name):
    done = run(name, "--help")
    assert done.returncode == 0
    assert re.match(r"usage:", done.stdout.lstrip(), re.IGNORECASE)


@pytest.mark.parametrize("name", ["setup", "parity", "test", "record"])
def test_an_unknown_option_is_refused(name):
    done = run(name, "--no-such-option")
    assert done.returncode == 2
    assert "--no-such-option" in done.stderr


def test_a_step_is_known_by_number_and_by_name():
    done = run("test", "--list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [step.name for step in STEPS]
    assert run("test", "no-such-step").returncode == 2


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_can_run_alone_and_says_what_it_is_for(step):
    assert re.fullmatch(r"\d\d-[a-z]+", step.name)
    assert step.stat().st_mode & 0o111
    assert re.match(r"# [a-z]", step.read_text().splitlines()[1])


JUNIT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure message="x"/></testcase>
<testcase name="c"><skipped/></testcase><testcase name="d" status="notrun"/>
</testsuite></testsuites>"""


def test_tests_are_counted_and_skipped_ones_are_not(tmp_path):
    (tmp_path / "a.xml").write_text(JUNIT)
    (tmp_path / "died.xml").write_text("")
    done = run("junit_totals.py", str(tmp_path / "a.xml"), str(tmp_path / "died.xml"), str(tmp_path / "none.xml"))
    assert done.stdout.split() == ["1", "1"]
