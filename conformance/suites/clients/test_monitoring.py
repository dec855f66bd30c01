"""The monitoring port as a dashboard reads it."""

import json
import socket
import threading

import pytest


@pytest.fixture
def connection(server):
    """A raw client that has connected and subscribed to "foo"."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as peer:
        stream = peer.makefile("rwb")
        stream.readline()
        stream.write(b'CONNECT {"verbose":false,"name":"raw","lang":"none","version":"1"}\r\nSUB foo 1\r\nPING\r\n')
        stream.flush()
        assert stream.readline() == b"PONG\r\n"
        yield stream


@pytest.mark.parametrize("path", ["/varz", "/connz", "/subsz", "/healthz", "/routez", "/gatewayz", "/leafz", "/accountz"])
def test_answers_are_json(server, path):
    status, headers, body = server.get(path)
    if status == 404 and path not in ("/varz", "/connz", "/subsz", "/healthz"):
        pytest.skip("the server does not have it")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert isinstance(json.loads(body), dict)


def test_the_root_page_links_to_the_endpoints(server):
    status, headers, body = server.get("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for name in ("varz", "connz", "subsz", "healthz"):
        assert name in body.decode()


def test_an_unknown_path_is_not_found(server):
    status, _, body = server.get("/nowhere")
    assert (status, body) == (404, b"404 page not found\n")


def test_varz_tells_version_and_limits(server):
    varz = server.json("/varz")
    assert varz["version"] == "2.15.1"
    assert (varz["host"], varz["port"], varz["max_payload"]) == ("127.0.0.1", server.port, 1048576)
    assert len(varz["server_id"]) == 56 and varz["server_id"].startswith("N")


def test_varz_counts_messages(server, connection):
    connection.write(b"PUB foo 5\r\nhello\r\nPUB bar 3\r\nabc\r\nPING\r\n")
    connection.flush()
    assert [connection.readline() for _ in range(3)] == [b"MSG foo 1 5\r\n", b"hello\r\n", b"PONG\r\n"]
    varz = server.json("/varz")
    assert (varz["connections"], varz["in_msgs"], varz["in_bytes"]) == (1, 2, 8)
    assert (varz["out_msgs"], varz["out_bytes"], varz["subscriptions"] >= 1) == (1, 5, True)


def test_connz_describes_the_connection(server, connection):
    (entry,) = server.json("/connz?subs=1")["connections"]
    assert (entry["name"], entry["lang"], entry["version"]) == ("raw", "none", "1")
    assert entry["subscriptions_list"] == ["foo"]


def test_connz_keeps_who_has_left(server, connection):
    connection.write(b"NONSENSE\r\n")
    connection.flush()
    assert connection.readline() == b"-ERR 'Unknown Protocol Operation'\r\n"
    connection.read()
    (entry,) = server.json("/connz?state=closed")["connections"]
    assert entry["reason"] == "Protocol Violation"


@pytest.mark.parametrize(
    ("query", "status"),
    [("sort=msgs_to", 200), ("sort=nonsense", 400), ("limit=x", 400), ("subs=maybe", 400), ("cid=999", 200)],
)
def test_connz_checks_its_parameters(server, query, status):
    assert server.get(f"/connz?{query}")[0] == status


def test_healthz_is_ok(server):
    assert server.json("/healthz") == {"status": "ok"}


def test_many_readers_at_once(server):
    results = []

    def read():
        results.extend(server.get(path)[0] for path in ("/varz", "/connz", "/subsz") * 10)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert results == [200] * 240


def test_a_base_path_moves_every_endpoint(start):
    server = start("http_base_path: /nats\n")
    assert server.get("/nats/varz")[0] == 200
    assert server.get("/varz")[0] == 404
