"""A server binary under test: started on free ports of 127.0.0.1, ended by its own pid."""

import json
import random
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

UNSUPPORTED_EXIT = 89  # the server says itself that it cannot do what the configuration asks for
START_TIMEOUT = 15.0
PORT_ATTEMPTS = 4


class UnsupportedError(Exception):
    pass


def free_port() -> int:
    """Below the ports that the kernel hands out by itself, so that no client takes it in between."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@dataclass
class Server:
    binary: Path
    folder: Path
    config: str = ""
    flags: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    log_path: Path | None = None  # where the server logs: its own output unless the configuration says otherwise
    process: subprocess.Popen | None = None

    def __post_init__(self):
        self.log_path = self.log_path or self.output_path

    @property
    def output_path(self) -> Path:
        return self.folder / "output"

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.is_file() else ""

    def start(self) -> "Server":
        """Starts, or starts again on the same ports."""
        first = self.process is None
        for attempt in range(PORT_ATTEMPTS):
            try:
                return self.start_once()
            except RuntimeError as error:
                # somebody else took the port between our look and the server's bind
                last = attempt == PORT_ATTEMPTS - 1
                if last or not first or "address already in use" not in str(error):
                    raise
                self.output_path.unlink()
                self.port, self.monitor_port = free_port(), free_port()
        raise AssertionError("unreachable")

    def start_once(self) -> "Server":
        earlier = self.log().count("Server is ready")
        command = [str(self.binary), "-a", "127.0.0.1", "-p", str(self.port), "-m", str(self.monitor_port)]
        if self.config:
            path = self.folder / "server.conf"
            path.write_text(self.config)
            command += ["-c", str(path)]
        with self.output_path.open("a") as output:
            self.process = subprocess.Popen([*command, *self.flags], stdout=output, stderr=output, cwd=self.folder)
        self.wait_until_ready(earlier)
        return self

    def wait_until_ready(self, earlier: int) -> None:
        """`earlier` starts of this server have left their line in the log."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            code = self.process.poll()
            if code == UNSUPPORTED_EXIT:
                raise UnsupportedError(self.output_path.read_text().strip().splitlines()[-1])
            if code is not None:
                raise RuntimeError(f"the server ended with code {code}:\n{self.log()}")
            if self.log().count("Server is ready") > earlier:
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"the server was not ready after {START_TIMEOUT} s:\n{self.log()}")

    def stop(self) -> int:
        """TERM, then KILL for one that does not end. Returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def get(self, path: str) -> tuple[int, dict, bytes]:
        """HTTP status, headers and body of the monitoring port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor_port}{path}", timeout=10) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def json(self, path: str) -> dict:
        status, _, body = self.get(path)
        assert status == 200, f"{path}: {status} {body!r}"
        return json.loads(body)

    def wait_for_log(self, pattern: str, timeout: float = 10.0) -> re.Match:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if match := re.search(pattern, self.log()):
                return match
            time.sleep(0.02)
        raise AssertionError(f"the log never said {pattern!r}:\n{self.log()}")
