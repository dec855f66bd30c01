"""Where log lines go and how they look: syslog over its transports, a terminal's colours, a file that moves."""

import os
import pty
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from server_process import free_port

STARTED = "Server is ready"
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
STAMP = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
TIME = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6}"


class Started:
    """A server whose log the helper of the other suites does not see."""

    def __init__(self, binary: Path, folder: Path, *flags: str, config: str = ""):
        self.port = free_port()
        command = [str(binary), "-a", "127.0.0.1", "-p", str(self.port), *flags]
        if config:
            (folder / "server.conf").write_text(config)
            command += ["-c", str(folder / "server.conf")]
        self.output = (folder / "output").open("wb")
        self.process = subprocess.Popen(command, stdout=self.output, stderr=self.output, cwd=folder)
        self.text = folder / "output"

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(10)


@pytest.fixture
def run(binary, tmp_path):
    running = []

    def started(*flags, **more):
        running.append(Started(binary, tmp_path, *flags, **more))
        return running[-1]

    yield started
    for server in running:
        if server.process.poll() is None:
            server.stop()


def receive(listener: socket.socket) -> list[str]:
    """Datagrams until the server is ready."""
    listener.settimeout(10)
    lines = []
    while not lines or STARTED not in lines[-1]:
        lines.append(listener.recv(65536).decode())
    return lines


def severities(lines: list[str], text: str) -> set[str]:
    return {line[: line.index(">") + 1] for line in lines if text in line}


def test_syslog_over_udp(run):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = run("-D", "-r", f"udp://127.0.0.1:{listener.getsockname()[1]}")
        lines = receive(listener)
        tag = rf"nats-server\[{server.process.pid}\]: "
        for line in lines:
            assert re.fullmatch(rf"<\d>{RFC3339} {re.escape(socket.gethostname())} {tag}[^\n]+\n", line), line
        assert severities(lines, "Starting nats-server") == {"<5>"}
        assert severities(lines, "Go build: ") == {"<7>"}
        server.stop()
        assert "Server Exiting.." in listener.recv(65536).decode() or "Server Exiting.." in "".join(drain(listener))
    assert server.text.read_bytes() == b""


def drain(listener: socket.socket) -> list[str]:
    listener.settimeout(0.5)
    lines = []
    try:
        while True:
            lines.append(listener.recv(65536).decode())
    except TimeoutError:
        return lines


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_syslog_over_streams(run, tmp_path, family):
    if family == "tcp":
        listener = socket.create_server(("127.0.0.1", 0))
        url, head = f"tcp://127.0.0.1:{listener.getsockname()[1]}", f"{RFC3339} {re.escape(socket.gethostname())}"
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "log"))
        listener.listen()
        url, head = f"unix://{tmp_path / 'log'}", STAMP
    with listener:
        server = run(config=f'remote_syslog: "{url}"\ntrace: true\n')
        listener.settimeout(10)
        peer, _ = listener.accept()
        lines = []
        with peer, peer.makefile() as stream:
            for line in stream:
                lines.append(line)
                if STARTED in line:
                    break
        for line in lines:
            assert re.fullmatch(rf"<\d>{head} nats-server\[{server.process.pid}\]: [^\n]+\n", line), line


def test_syslog_connects_again(run):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = run("-r", f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        peer, _ = listener.accept()
        with peer.makefile() as stream:
            while STARTED not in stream.readline():
                pass
        peer.close()
        for _ in range(3):  # the first ones go into the dead connection
            server.process.send_signal(10)
            time.sleep(0.2)
        peer, _ = listener.accept()
        with peer, peer.makefile() as stream:
            line = stream.readline()
            assert "user defined signal 1" in line or "File log re-open ignored, not a file logger" in line


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("tcp://127.0.0.1:1", r'error connecting to syslog: "dial tcp 127.0.0.1:1: connect: connection refused"'),
        ("unix:///nowhere/log", r'error connecting to syslog: "dial unix /nowhere/log: connect: no such file or directory"'),
        ("udp://127.0.0.1", r'error connecting to syslog: "dial udp: address 127.0.0.1: missing port in address"'),
        ("http://127.0.0.1:1", r'error invalid network type: "http"'),
        ("tcp://127.0.0.1:99999", r'error connecting to syslog: "dial tcp: address 99999: invalid port"'),
        ("tcp://127.0.0.1:", r'error connecting to syslog: "dial tcp 127.0.0.1:0: connect: connection refused"'),
        ("tcp://:1", r'error connecting to syslog: "dial tcp :1: connect: connection refused"'),
        ("tcp://1.2.3:1", r'error connecting to syslog: "dial tcp: lookup 1.2.3: no such host"'),
        ("udp://::1", r'error connecting to syslog: "dial udp: address ::1: too many colons in address"'),
        ("udp://[::1]", r'error connecting to syslog: "dial udp: address [::1]: missing port in address"'),
        ("udp:", r'error connecting to syslog: "dial udp: missing address"'),
        ("unix:", r'error connecting to syslog: "dial unix: missing address"'),
        ("unix:/no/a%20b?c", r'error connecting to syslog: "dial unix /no/a b: connect: no such file or directory"'),
        ("127.0.0.1:514", r'parse "127.0.0.1:514": first path segment in URL cannot contain colon'),
    ],
)
def test_syslog_that_cannot_be_reached(run, url, error):
    server = run("-r", url)
    assert server.process.wait(15) == 1
    assert re.fullmatch(rf"\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d {re.escape(error)}\n", server.text.read_text())


@pytest.mark.parametrize(
    ("flags", "fatal"),
    [
        (["-p", "BUSY"], 'Error listening on port: 127.0.0.1:BUSY, "listen tcp 127.0.0.1:BUSY: bind: address already in use"'),
        (["-P", "/nowhere/pid"], "Could not write pidfile: open /nowhere/pid: no such file or directory"),
        (["-m", "BUSY"], "Can't start monitoring: can't listen to the monitor port: listen tcp 127.0.0.1:BUSY: "
         "bind: address already in use"),
        (["--profile", "BUSY"], "error starting profiler: listen tcp 127.0.0.1:BUSY: bind: address already in use"),
    ],
)
def test_a_fatal_line_ends_nothing_where_it_goes_to_syslog(run, flags, fatal):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener, socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        listener.bind(("127.0.0.1", 0))
        flags = [flag.replace("BUSY", port) for flag in flags]
        server = run("-r", f"udp://127.0.0.1:{listener.getsockname()[1]}", *flags)
        lines = receive(listener)
        assert severities(lines, f"]: {fatal.replace('BUSY', port)}\n") == {"<2>"}
        assert any("Listening for client connections" in line for line in lines) == ("--profile" in flags)
        assert server.stop() == 0
        assert "]: Server Exiting..\n" in "".join(drain(listener))


LOCAL = """
import os, socket, subprocess, sys, time
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind("/run/log")
listener.settimeout(10)
server = subprocess.Popen(sys.argv[1:])
line = ""
while "Server is ready" not in line:
    line = listener.recv(65536).decode()
    print(line.replace(str(server.pid), "PID"), end="")
server.kill()
"""


@pytest.mark.skipif(Path("/dev/log").exists(), reason="a log daemon runs here")
def test_syslog_of_this_machine(binary, tmp_path):
    inside = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no mount namespaces here")
    server = [str(binary), "-a", "127.0.0.1", "-p", str(free_port()), "-s", "-D"]
    done = subprocess.run(
        [*inside, sys.executable, "-c", LOCAL, *server], capture_output=True, text=True, timeout=30, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for line in lines:
        assert re.fullmatch(rf"<\d\d>{STAMP} nats-server\[PID\]: .+", line), line
    assert severities(lines, "Starting nats-server") == {"<29>"}
    assert severities(lines, "Go build: ") == {"<31>"}


@pytest.mark.skipif(Path("/dev/log").exists(), reason="a log daemon runs here")
def test_no_log_daemon(run):
    server = run("-s")
    assert server.process.wait(15) == 1
    assert server.text.read_text().endswith(' error connecting to syslog: "Unix syslog delivery error"\n')


def test_a_file_goes_before_syslog(run, tmp_path):
    run("-s", "-r", "tcp://127.0.0.1:1", "-l", "log")
    wait_for(tmp_path / "log", STARTED)


def wait_for(path: Path, text: str, count: int = 1) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        content = path.read_text() if path.exists() else ""
        if content.count(text) >= count:
            return content
        time.sleep(0.02)
    raise AssertionError(f"{path} never said {text!r} {count} times")


def test_reload_moves_the_log_to_syslog_and_back(run, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = run(config="debug: false\n")
        wait_for(server.text, STARTED)
        url = f"udp://127.0.0.1:{listener.getsockname()[1]}"
        (tmp_path / "server.conf").write_text(f'remote_syslog: "{url}"\n')
        server.process.send_signal(1)
        listener.settimeout(10)
        assert "Reloaded server configuration" in "".join(drain(listener))
        assert wait_for(server.text, f"Reloaded: remote_syslog = {url}\n")
        (tmp_path / "server.conf").write_text("debug: false\n")
        server.process.send_signal(1)
        assert wait_for(server.text, "Reloaded server configuration")
        assert "Reloaded: remote_syslog = \n" in "".join(drain(listener))


def test_a_terminal_gets_colours(binary, tmp_path):
    master, slave = pty.openpty()
    command = [str(binary), "-a", "127.0.0.1", "-p", str(free_port()), "-D", "-m", str(free_port())]
    process = subprocess.Popen(command, stderr=slave, stdout=slave, cwd=tmp_path)
    os.close(slave)
    text = ""
    try:
        while STARTED not in text:
            text += os.read(master, 4096).decode()
    finally:
        process.terminate()
        process.wait(10)
        os.close(master)
    lines = text.split("\r\n")[:-1]
    for line in lines:
        assert re.match(rf"\[{process.pid}\] {TIME} \[\x1b\[(32mINF|36mDBG)\x1b\[0m\] ", line), line


def test_a_file_has_none_even_under_a_terminal(binary, tmp_path):
    master, slave = pty.openpty()
    command = [str(binary), "-a", "127.0.0.1", "-p", str(free_port()), "-l", "log"]
    process = subprocess.Popen(command, stderr=slave, stdout=slave, cwd=tmp_path)
    os.close(slave)
    try:
        assert "\x1b" not in wait_for(tmp_path / "log", STARTED)
    finally:
        process.terminate()
        process.wait(10)
        os.close(master)


def test_a_file_that_was_moved_is_opened_anew(run, tmp_path):
    server = run("-l", "log")
    wait_for(tmp_path / "log", STARTED)
    (tmp_path / "log").rename(tmp_path / "old")
    server.process.send_signal(10)
    assert "File log re-opened" in wait_for(tmp_path / "log", "re-opened")
    assert (tmp_path / "old").read_text().endswith('Trapped "user defined signal 1" signal\n')
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("flags", "stamp"), [(["-T=false"], ""), (["--logtime_utc"], TIME + " "), ([], TIME + " ")])
def test_the_time_of_a_line(run, flags, stamp):
    server = run(*flags)
    for line in wait_for(server.text, STARTED).splitlines():
        assert re.match(rf"\[{server.process.pid}\] {stamp}\[INF\] ", line), line


@pytest.mark.skipif(not Path("/usr/share/zoneinfo/Etc/GMT-5").exists(), reason="no time zones here")
def test_utc_in_another_zone(binary, tmp_path):
    for flags, hour in ([], "13"), (["--logtime_utc"], "08"):
        clock = time.strftime("%H", time.gmtime(time.time() + (5 * 3600 if hour == "13" else 0)))
        output = tmp_path / f"log{hour}"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [str(binary), "-a", "127.0.0.1", "-p", str(free_port()), *flags],
                stdout=file,
                stderr=file,
                cwd=tmp_path,
                env={**os.environ, "TZ": "Etc/GMT-5"},
            )
        try:
            assert wait_for(output, STARTED).splitlines()[-1].split(" ")[2][:2] == clock
        finally:
            process.terminate()
            process.wait(10)
