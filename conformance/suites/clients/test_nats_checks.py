"""`nats server check` and `nats server request` without a system account: what ours makes them say, and the reference."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import REFERENCE
from nats_tool import MissingToolError, nats_tool
from server_process import Server

CHECKS = {
    "connection": [],
    "connection --connect-warn 1ns --connect-critical 10s": [],
    "connection --rtt-critical 1ns": [],
    "request --subject svc --payload hello --match-payload .*hello.* --response-warn 5s --response-critical 9s": ["svc"],
    "request --subject svc --match-payload never --response-critical 9s": ["svc"],
    "request --subject nobody": [],
    "jetstream": [],
    "stream --stream S": [],
    "consumer --stream S --consumer C": [],
    "message --stream S --subject s --age-warn 1s --age-critical 2s": [],
    "meta --expect 1 --lag-critical 1 --seen-critical 1s": [],
    "kv --bucket b": [],
    "server --name a": [],
}
REQUESTS = [
    "variables", "subscriptions", "accounts", "ipqueue", "jetstream", "jetstream-health", "routes", "gateways", "leafnodes",
    "profile allocs",
]  # fmt: skip


@pytest.fixture(scope="module")
def tool():
    try:
        return nats_tool()
    except MissingToolError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def servers(binary, tmp_path_factory):
    """The reference and the server under test, side by side."""
    running = []
    for name, path in (("reference", REFERENCE), ("tested", binary)):
        folder = tmp_path_factory.mktemp(name)
        running.append(Server(Path(path), folder, "server_name: a\n").start())
    yield running
    for server in running:
        server.stop()


@pytest.fixture
def ask(tool, servers, tmp_path):
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}

    def run(server, words):
        command = [str(tool), "--server", server.url, "--timeout", "2s", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def both(words, services=()):
        answers = []
        for server in servers:
            helpers = [
                subprocess.Popen(
                    [str(tool), "--server", server.url, "reply", subject, "--echo"],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                for subject in services
            ]
            try:
                for subject in services:
                    wait_for_subscription(server, subject)
                answers.append(run(server, words))
            finally:
                for helper in helpers:
                    helper.kill()
                    helper.wait()
        return answers

    return both


def wait_for_subscription(server, subject):
    import time

    deadline = time.monotonic() + 10
    while subject not in json.dumps(server.json("/connz?subs=1")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def steady(report: str):
    """The report without what differs from run to run: times, ports."""
    text = re.sub(r"nats://127\.0\.0\.1:\d+", "URL", report)
    text = re.sub(r"\d+(\.\d+)?(e-\d+)?(ns|µs|ms|s)\b", "TIME", text)
    data = json.loads(text)
    for entry in data.get("perf_data", []):
        entry["value"] = "measured"
    return data


@pytest.mark.parametrize("check", CHECKS)
def test_checks_report_the_same(ask, check):
    theirs, ours = ask(["server", "check", *check.split(), "--format", "json"], CHECKS[check])
    assert ours[0] == theirs[0]
    assert steady(ours[1]) == steady(theirs[1])


@pytest.mark.parametrize("request_name", REQUESTS)
def test_requests_without_a_system_account_fail_alike(ask, request_name):
    theirs, ours = ask(["server", "request", *request_name.split()])
    assert ours == theirs
    assert "ensure the account used has system privileges" in theirs[1]


def test_rtt_has_the_same_shape(ask):
    reports = [json.loads(answer[1]) for answer in ask(["rtt", "--json"])]
    assert [sorted(report[0]["results"][0]) for report in reports] == [sorted(reports[0][0]["results"][0])] * 2
