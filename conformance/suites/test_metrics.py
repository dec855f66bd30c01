"""Opt-in /metrics of our server, scraped by the Prometheus of Debian; the reference has no such endpoint."""

import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "conformance/suites/clients"))

from server_process import Server, free_port  # noqa: E402

PROMETHEUS = ROOT / ".cache/prometheus/usr/bin/prometheus"
SERVER = ROOT / "build/release/bin/nats-server"


@pytest.fixture
def server(tmp_path, pytestconfig):
    folder = tmp_path / "server"
    folder.mkdir()
    server = Server(Path(pytestconfig.getoption("--server") or SERVER), folder, "http_metrics: true\n")
    yield server.start()
    server.stop()


def samples(text: str) -> dict[str, str]:
    """Value by name; labels are left out."""
    pairs = re.findall(r"^(\w+)\{[^}]*\} (\S+)$", text, re.M)
    assert len(pairs) == len(dict(pairs)), "a name stands twice"
    return dict(pairs)


def numbers(value, path) -> dict[str, float]:
    """What prometheus-nats-exporter makes of an answer: numbers by their path."""
    out = {}
    for key, inner in value.items():
        name = f"{path}_{key}".replace("/", "_").replace("__", "_")
        if isinstance(inner, dict):
            out |= numbers(inner, name)
        elif isinstance(inner, (int, float)) and not isinstance(inner, bool):
            out[name] = inner
    return out


def test_it_is_off_by_default(tmp_path, pytestconfig):
    server = Server(Path(pytestconfig.getoption("--server") or SERVER), tmp_path).start()
    try:
        assert server.get("/metrics")[::2] == (404, b"404 page not found\n")
    finally:
        server.stop()


def test_names_are_those_of_the_exporter(server):
    server.get("/connz")
    status, headers, body = server.get("/metrics")
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    shown = samples(body.decode())
    wanted = numbers(server.json("/varz"), "gnatsd_varz") | numbers(server.json("/subsz"), "gnatsd_subsz")
    wanted = {name for name in wanted if not re.match("gnatsd_varz_(leaf|gateway_|cluster_)", name)}
    missing = wanted - set(shown) - {"gnatsd_varz_http_req_stats_varz", "gnatsd_varz_http_req_stats_subsz"}
    assert not missing
    assert shown["gnatsd_varz_http_req_stats_connz"] == "1"
    assert shown["gnatsd_healthz_status"] == "0"
    assert shown["gnatsd_connz_limit"] == "1024"


def test_its_size_does_not_grow_with_connections(server):
    import socket

    before = samples(server.get("/metrics")[2].decode())
    peers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
    for peer in peers:
        peer.sendall(b'CONNECT {"verbose":false}\r\nSUB a 1\r\nPING\r\n')
        while b"PONG" not in peer.recv(4096):
            pass
    after = samples(server.get("/metrics")[2].decode())
    assert set(after) == set(before)
    assert (after["gnatsd_connz_num_connections"], after["gnatsd_connz_subscriptions"]) == ("50", "50")
    assert after["gnatsd_varz_connections"] == "50"
    for peer in peers:
        peer.close()


@pytest.mark.skipif(not PROMETHEUS.exists(), reason="ci/setup unpacks prometheus")
def test_prometheus_scrapes_it(server, tmp_path):
    port = free_port()
    config = tmp_path / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n"
        f"  - job_name: nats\n    static_configs: [{{targets: ['127.0.0.1:{server.monitor_port}']}}]\n"
    )
    command = [PROMETHEUS, f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    with (tmp_path / "prometheus.log").open("w") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    try:
        assert query(port, "up{job='nats'}") == "1"
        assert query(port, "gnatsd_varz_max_payload") == "1048576"
        assert query(port, "gnatsd_varz_version{value='2.15.1'}") == "1"
    finally:
        process.terminate()
        process.wait(10)


def query(port: int, expression: str) -> str:
    """The value of the one series, once there is one."""
    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                result = json.load(answer)["data"]["result"]
        except OSError:
            result = []
        if result:
            return result[0]["value"][1]
        time.sleep(0.2)
    raise AssertionError(f"no {expression}")
