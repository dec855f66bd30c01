"""The command line as a person and a supervisor use it: output, exit codes, files, signals."""

import json
import re
import signal
import socket
import subprocess
import time

import pytest
from server_process import UNSUPPORTED_EXIT

VERSION = "nats-server: v2.15.1\n"


@pytest.fixture
def run(binary, tmp_path):
    def ran(*arguments, **options):
        return subprocess.run(
            [str(binary), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=False, **options
        )

    return ran


def written(tmp_path, text):
    path = tmp_path / "some.conf"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("arguments", [["-v"], ["--version"], ["-version"], ["version"]])
def test_version(run, arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (0, VERSION)


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["help"]])
def test_help_goes_to_stdout_and_names_the_flags(run, arguments):
    done = run(*arguments)
    assert done.returncode == 0
    text = done.stdout + done.stderr
    assert text.lstrip().startswith("Usage: nats-server [options]")
    for flag in ("--addr", "--port", "--config", "--signal", "--debug", "--trace"):
        assert flag in text


def test_an_unknown_flag_is_named(run):
    done = run("--no-such-flag")
    assert "flag provided but not defined: -no-such-flag" in done.stderr


def test_an_unknown_command_is_named(run):
    done = run("nonsense")
    assert done.returncode == 1
    assert "nats-server: unrecognized command: \"nonsense\"" in done.stderr


def test_a_good_configuration_is_called_valid(run, tmp_path):
    path = written(tmp_path, "port: 4333\nmax_payload: 1MB\n")
    done = run("-t", "-c", path)
    assert done.returncode == 0
    assert re.fullmatch(
        rf"nats-server: configuration file {re.escape(path)} is valid \(sha256:[0-9a-f]{{64}}\)\n", done.stderr
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no_such_option: 1\n", 'some.conf:1:0: unknown field "no_such_option"\n\n'),
        ("port: hello\n", "some.conf:1:0: interface conversion: interface {} is string, not int64\n\n"),
        ("authorization { user: a, pasword: b }\n", 'some.conf:1:25: unknown field "pasword"\n\n'),
        ("port: {\n", "Parse error on line 2: 'Unexpected EOF processing map.'\n"),
        ('include "gone.conf"\n', "error parsing include file 'gone.conf', open gone.conf: no such file or directory\n"),
        ("x: $NOPE\n", "variable reference for 'NOPE' on line 1 can not be found\n"),
    ],
)
def test_a_bad_configuration_is_refused_with_its_place(run, tmp_path, text, said):
    written(tmp_path, text)
    done = run("-t", "-c", "some.conf")
    assert (done.returncode, done.stderr) == (1, f"nats-server: {said}")


def test_a_missing_configuration_file_is_named(run):
    done = run("-c", "nowhere.conf")
    assert done.returncode == 1
    assert done.stderr == "nats-server: open nowhere.conf: no such file or directory\n"


def test_a_port_in_use_ends_the_server(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("-a", "127.0.0.1", "-p", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert re.search(r"\[FTL\] Error listening on port: 127\.0\.0\.1:\d+, .*address already in use", done.stderr)


def test_pid_file_and_ports_file(start, tmp_path):
    server = start("", "-P", str(tmp_path / "pid"), "--ports_file_dir", str(tmp_path))
    pid = server.process.pid
    assert (tmp_path / "pid").read_text() == str(pid)
    deadline = time.monotonic() + 5
    while not (files := list(tmp_path.glob(f"*_{pid}.ports"))) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert json.loads(files[0].read_text())["nats"] == [server.url]
    assert server.stop() == 0
    assert not files[0].exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_server_orderly(start, name):
    server = start()
    server.process.send_signal(getattr(signal, name))
    assert server.process.wait(10) == 0
    for text in ("Initiating Shutdown...", "Server Exiting.."):
        assert text in server.log()


def test_signal_flag_ends_another_server(start, run):
    server = start()
    done = run("--signal", f"stop={server.process.pid}")
    if done.returncode == UNSUPPORTED_EXIT:
        pytest.skip(f"the server refuses: {done.stderr.strip()}")
    assert done.returncode == 0
    assert server.process.wait(10) == -signal.SIGKILL


def test_reload_by_signal(start):
    server = start("max_payload: 1024\n")
    (server.folder / "server.conf").write_text("max_payload: 2048\n")
    server.process.send_signal(signal.SIGHUP)
    if server.wait_for_log(r"Reloaded: max_payload|not built yet")[0] == "not built yet":
        pytest.skip("the server refuses: reload is not built yet")
    assert server.json("/varz")["max_payload"] == 2048


def test_log_lines_have_the_usual_shape(start):
    server = start("", "-D")
    lines = server.log().splitlines()
    shape = rf"\[{server.process.pid}\] \d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{{6}} \[(INF|DBG|WRN)\] .*"
    assert [line for line in lines if not re.fullmatch(shape, line)] == []
    assert any(line.endswith("Starting nats-server") for line in lines)
    assert any("Listening for client connections on" in line for line in lines)


def test_a_log_file_takes_the_log(start, tmp_path):
    log = tmp_path / "server.log"
    server = start(f'log_file: "{log}"\n', log_path=log)
    assert "Server is ready" in log.read_text()
    assert (server.folder / "output").read_text() == ""
