"""Starts servers on free ports of 127.0.0.1 and ends them, by their own pid and whatever happens."""

import ctypes
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

READY_SECONDS = 15
END_SECONDS = 5
SETTLE_SECONDS = 0.1
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class ServerFailed(Exception):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def arguments(binary: Path, port: int) -> list[str]:
    return [str(binary), "-a", "127.0.0.1", "-p", str(port)]


def version(binary: Path) -> str:
    done = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=10, check=False)
    if done.returncode != 0:
        raise ServerFailed(f"{binary} --version: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip().splitlines()[0]


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(5) == b"INFO "
    except OSError:
        return False


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


# What openssl is to make a key of.
KEY_KINDS = {"rsa": ["rsa:2048"], "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}
# A burst of clients on a busy machine is no reason to give a handshake up.
TLS_CONFIG = 'tls {{ cert_file: "{0}/cert.pem", key_file: "{0}/key.pem", timeout: 20 }}\n'


def tls_arguments(kind: str, folder: Path) -> list[str]:
    """Makes a certificate that signs itself, and a configuration that names it. ServerFailed without openssl."""
    words = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", *KEY_KINDS[kind]]
    words += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    try:
        subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerFailed(f"no certificate: {error}") from error
    config = folder / "tls.conf"
    config.write_text(TLS_CONFIG.format(folder))
    return ["-c", str(config)]


@contextmanager
def running(binary: Path, tls: str = "", monitor_port: int = 0) -> Iterator[tuple[int, int]]:
    """Gives port and pid of a fresh server that has greeted a client. ServerFailed if it does not, or if it died.

    `tls`: the kind of its certificate; empty: it has none. `monitor_port` 0: no monitoring."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="natstwin-bench-") as folder:
        log = Path(folder) / "log"
        more = tls_arguments(tls, Path(folder)) if tls else []
        if monitor_port:
            more += ["-m", str(monitor_port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*arguments(binary, port), *more],
                stdout=output,
                stderr=output,
                cwd=folder,
                preexec_fn=_die_with_parent,
            )

        def failed(what: str) -> ServerFailed:
            tail = log.read_text(errors="replace").splitlines()[-5:]
            return ServerFailed("\n  ".join([f"{binary} {what}", *tail]))

        try:
            give_up = time.monotonic() + READY_SECONDS
            while not _accepts(port):
                if process.poll() is not None:
                    raise failed(f"ended with {process.returncode}")
                if time.monotonic() > give_up:
                    raise failed("did not get ready")
                time.sleep(0.005)
            time.sleep(SETTLE_SECONDS)
            yield port, process.pid
            if process.poll() is not None:
                raise failed(f"ended with {process.returncode} during the measurement")
        finally:
            _end(process)
