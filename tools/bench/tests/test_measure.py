"""Trials against small programs that stand for server and load generator."""

import os
import socket
import stat

import pytest

from tools.bench import servers
from tools.bench.cases import select
from tools.bench.measure import run_case

GREETS = """#!/usr/bin/env python3
import socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[sys.argv.index("-p") + 1])))
while True:
    listener.accept()[0].sendall(b"INFO {}\\r\\n")
"""
FIGURES = '#!/bin/sh\necho \'{"cpu_ns_per_message": 5.0, "messages_per_second": 7.0}\'\n'


@pytest.fixture
def program(tmp_path):
    def make(name, text):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_server_is_gone_after_its_trial_even_when_that_fails(program):
    server = program("server", GREETS)
    with pytest.raises(RuntimeError):
        with servers.running(server) as (port, pid):
            assert alive(pid)
            socket.create_connection(("127.0.0.1", port)).close()
            raise RuntimeError
    assert not alive(pid)


def test_a_server_that_ends_at_once_is_reported_with_its_words(program):
    with pytest.raises(servers.ServerFailed, match="(?s)ended with 3.*no such port"):
        with servers.running(program("server", "#!/bin/sh\necho no such port\nexit 3\n")):
            pass


def test_a_server_that_dies_during_a_trial_is_reported(program):
    with pytest.raises(servers.ServerFailed, match="during the measurement"):
        with servers.running(program("server", GREETS)) as (_, pid):
            os.kill(pid, 9)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_trials_alternate_and_come_in_pairs(program):
    server, seen = program("server", GREETS), []
    run = run_case(program("load", FIGURES), server, server, select(["publish"])[0], True, seen.append)
    assert [line.split()[-1] for line in seen] == ["reference", "candidate"] * 3
    assert len(run.reference) == len(run.candidate) == 3
    assert run.errors == []


def test_a_load_generator_that_fails_is_an_error_of_that_side(program):
    server = program("server", GREETS)
    load = program("load", "#!/bin/sh\necho lost messages >&2\nexit 2\n")
    run = run_case(load, server, server, select(["publish"])[0], True, lambda _: None)
    assert run.errors == ["reference: lost messages"]
