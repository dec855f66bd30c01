"""The rows are what the scripts and the evidence may name."""

import importlib.util
import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def module(name):
    spec = importlib.util.spec_from_file_location(f"contracts_{name}", HERE / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def contracts():
    return module("rows").load()


def test_every_counted_go_test_has_a_row(contracts):
    rows = [row for row in contracts.rows if row.id.startswith("go:")]
    assert len(rows) == 4431
    assert sum(row.counted for row in rows) == 3263


def test_ids_are_unique_and_fit_for_a_script_line(contracts):
    assert len(contracts.by_id) == len(contracts.rows)
    assert [row.id for row in contracts.rows if not re.fullmatch(r'[a-z-]+:[^\s",]+( [^\s",]+)*', row.id)] == []


@pytest.mark.parametrize(
    "row_id",
    [
        "go:TestClientNoResponderSupport",
        "go:server/monitor/TestSubsz",
        "go:test/monitor/TestSubsz",
        "op:PUB",
        "op:-ERR",
        "info:server_id",
        "connect:echo",
        "err:Authorization Violation",
        "closed:Slow Consumer (Write Deadline)",
        "header-status:503",
        "option:max_payload",
        "option:authorization.timeout",
        "option:websocket.authorization.timeout",
        "option:mqtt.authorization.timeout",
        "option:accounts.exports.latency.sampling",
        "flag:-p",
        "signal:HUP",
        "endpoint:/varz",
        "field:/varz/server_id",
        "field:/connz/connections[].cid",
        "param:/connz/sort",
        "api-error:10002",
        "subject:$SYS.REQ.SERVER.PING.VARZ",
        "link-op:route/RS+",
    ],
)
def test_a_row_is_there(contracts, row_id):
    assert row_id in contracts.by_id


def test_a_made_up_row_is_unknown(contracts):
    assert contracts.unknown(["op:PUB", "op:NOPE", "go:TestMadeUp"]) == ["go:TestMadeUp", "op:NOPE"]


@pytest.mark.parametrize(
    ("block", "paths"),
    [
        ("", [""]),
        ("cluster{}", ["cluster"]),
        ("leafnodes.remotes[].proxy{}", ["leafnodes.remotes.proxy"]),
        ("accounts.<name>.imports[].stream|service{}", ["accounts.imports.stream", "accounts.imports.service"]),
        ("websocket.authorization{} / mqtt.authorization{}", ["websocket.authorization", "mqtt.authorization"]),
        ("mappings.<subject>", ["mappings"]),
    ],
)
def test_option_blocks_become_paths(block, paths):
    assert module("import").option_paths(block) == paths


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Permissions Violation for Subscription to "%s" (sid "%s")', "Permissions Violation for Subscription to (sid)"),
        ("Stale Connection", "Stale Connection"),
        ('Unable to lookup account "%s": %v', "Unable to lookup account"),
        ('Rejecting connection, cluster name "_" is reserved', "Rejecting connection cluster name _ is reserved"),
        ("Bad Request - %v", "Bad Request"),
    ],
)
def test_texts_become_ids_without_their_values(text, expected):
    assert module("import").plain(text) == expected


def test_a_script_line_names_texts_with_blanks(contracts):
    line = "proves go:TestMaxPayload  err:Maximum Payload Violation closed:Maximum Message Payload Exceeded  op:PUB"
    assert module("rows").named_rows(line, {"go", "err", "closed", "op"}) == [
        "go:TestMaxPayload",
        "err:Maximum Payload Violation",
        "closed:Maximum Message Payload Exceeded",
        "op:PUB",
    ]
