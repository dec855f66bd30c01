"""The Go `nats` command, as operators use it."""

import os
import re
import subprocess
import time

import pytest
from nats_tool import MissingToolError, nats_tool


@pytest.fixture(scope="session")
def tool():
    try:
        return nats_tool()
    except MissingToolError as error:
        pytest.skip(str(error))


@pytest.fixture
def environment(server, tmp_path):
    """No context of whoever runs the tests."""
    home = tmp_path / "home"
    home.mkdir()
    return os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "NATS_URL": server.url}


@pytest.fixture
def nats(tool, environment):
    def ran(*arguments, expect=0):
        done = subprocess.run(
            [str(tool), *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    return ran


@pytest.fixture
def background(tool, environment, server):
    """background("sub", "foo") runs on while the test goes on; it waits until the server knows the subject."""
    processes = []

    def started(*arguments, subscriptions):
        process = subprocess.Popen(
            [str(tool), *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        processes.append(process)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            listed = [
                subject
                for connection in server.json("/connz?subs=1")["connections"]
                for subject in connection.get("subscriptions_list", [])
            ]
            if subscriptions <= len(listed):
                return process
            time.sleep(0.05)
        raise AssertionError("the command never subscribed")

    yield started
    for process in processes:
        process.kill()
        process.wait()


def test_pub_and_sub(nats, background):
    listener = background("sub", "greet.>", "--count", "2", "--raw", subscriptions=1)
    nats("pub", "greet.joe", "hello")
    nats("pub", "greet.sue", "world", "-H", "Kind:test")
    output, _ = listener.communicate(timeout=20)
    assert output.split() == ["hello", "world"]


def test_reply_and_request(nats, background):
    background("reply", "help", "I am here", "--count", "1", subscriptions=1)
    assert "I am here" in nats("req", "help", "anyone?", "--raw")


def test_a_request_that_nobody_answers(nats):
    assert "no responders" in nats("req", "nobody", "x", expect=0).lower()


def test_rtt(nats, server):
    assert re.search(rf"nats://127\.0\.0\.1:{server.port}:", nats("rtt", "1"))


def test_bench_of_publishers_and_subscribers(nats, background):
    listener = background("bench", "sub", "load", "--msgs", "20000", "--clients", "2", "--no-progress", subscriptions=2)
    assert re.search(r"[\d,.]+ msgs/sec", nats("bench", "pub", "load", "--msgs", "20000", "--size", "16", "--no-progress"))
    output, _ = listener.communicate(timeout=60)
    assert re.search(r"[\d,.]+ msgs/sec", output)


def test_connection_check(nats):
    assert "OK" in nats("server", "check", "connection")
