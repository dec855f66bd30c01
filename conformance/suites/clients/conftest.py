"""Suites that run client programs against a server binary: --server, NATSTWIN_SERVER or the reference."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))

from server_process import Server, UnsupportedError  # noqa: E402

REFERENCE = ROOT / ".cache/reference/2.15.1/bin/nats-server"


def pytest_report_header(config):
    return f"server under test: {server_binary(config)}"


def server_binary(config) -> Path:
    given = config.getoption("--server") or os.environ.get("NATSTWIN_SERVER") or REFERENCE
    return Path(given).resolve()


@pytest.fixture(scope="session")
def binary(pytestconfig) -> Path:
    path = server_binary(pytestconfig)
    if not os.access(path, os.X_OK):
        pytest.fail(f"no server binary {path} (ci/setup installs the reference, ci/test build builds ours)")
    return path


@pytest.fixture
def start(binary, tmp_path):
    """start(config, *flags) gives a running server; it is stopped after the test."""
    servers = []

    def started(config: str = "", *flags: str, **fields) -> Server:
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        server = Server(binary, folder, config, flags, **fields)
        servers.append(server)
        try:
            return server.start()
        except UnsupportedError as error:
            pytest.skip(f"the server refuses: {error}")

    yield started
    for server in servers:
        server.stop()


@pytest.fixture
def server(start) -> Server:
    return start()
