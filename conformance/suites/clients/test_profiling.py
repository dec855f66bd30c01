"""The profiling port and the endpoints for whoever hunts a fault: what go tool pprof and expvar readers rely on."""

import concurrent.futures
import gzip
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
from server_process import free_port

PROFILES = ["allocs", "block", "goroutine", "goroutineleak", "heap", "mutex", "threadcreate"]


@pytest.fixture
def port(start):
    port = free_port()
    start(f"prof_port: {port}\nprof_block_rate: 1\n")
    return port


def ask(port, path, method="GET"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read())
    except urllib.error.HTTPError as error:
        return SimpleNamespace(status=error.code, headers=error.headers, body=error.read())


def test_the_port_and_the_block_rate_are_logged(start):
    port = free_port()
    log = start(f"prof_port: {port}\nprof_block_rate: 7\n").log()
    assert f"[INF] profiling port: {port}\n" in log
    assert "[WRN] Block profiling is enabled (rate 7), this may have a performance impact\n" in log


def test_the_flag_gives_a_port(start):
    port = free_port()
    start("", "--profile", str(port))
    assert ask(port, "/debug/pprof/cmdline").status == 200


def test_a_port_in_use_is_fatal(start):
    server = start("prof_port: -1\n")
    with pytest.raises(RuntimeError, match=rf"\[FTL\] error starting profiler: listen tcp 127.0.0.1:{server.port}: bind"):
        start(f"prof_port: {server.port}\n")


def test_the_index_lists_the_profiles(port):
    answer = ask(port, "/debug/pprof/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    listed = [line.split("'")[1] for line in answer.body.decode().splitlines() if "<a href='" in line]
    assert listed == [f"{name}?debug=1" for name in sorted([*PROFILES, "cmdline", "profile", "symbol", "trace"])]


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_are_files_for_pprof(port, name):
    answer = ask(port, f"/debug/pprof/{name}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert gzip.decompress(answer.body)


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_have_a_text(port, name):
    answer = ask(port, f"/debug/pprof/{name}?debug=1")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    heads = {"allocs": "heap profile: ", "heap": "heap profile: ", "block": "--- contention:\n", "mutex": "--- mutex:\n"}
    assert answer.body.decode().startswith(heads.get(name, f"{name} profile: total "))


@pytest.mark.skipif(not shutil.which("go"), reason="needs go tool pprof")
@pytest.mark.parametrize(("path", "kind"), [("goroutine", "goroutine"), ("profile?seconds=1", "cpu"), ("heap", "inuse_space")])
def test_go_tool_pprof_reads_them(port, tmp_path, path, kind):
    file = tmp_path / "profile"
    file.write_bytes(ask(port, f"/debug/pprof/{path}").body)
    shown = subprocess.run(["go", "tool", "pprof", "-raw", str(file)], capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    assert f"PeriodType: {'space' if path == 'heap' else kind} " in shown.stdout


def test_all_stacks(port):
    text = ask(port, "/debug/pprof/goroutine?debug=2").body.decode()
    assert text.startswith("goroutine ") and " [running]:\n" in text.splitlines(True)[0]
    assert text.count("\ngoroutine ") >= 1


def test_only_one_cpu_profile_at_a_time(port):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = [pool.submit(ask, port, "/debug/pprof/profile?seconds=1") for _ in range(2)]
        answers = sorted((answer.result() for answer in answers), key=lambda answer: answer.status)
    assert [answer.status for answer in answers] == [200, 500]
    assert answers[0].headers["Content-Disposition"] == 'attachment; filename="profile"'
    assert answers[1].body == b"Could not enable CPU profiling: cpu profiling already in use\n"
    assert answers[1].headers["X-Go-Pprof"] == "1"


def test_a_profile_over_time(port):
    answer = ask(port, "/debug/pprof/goroutine?seconds=1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="goroutine-delta"'
    assert gzip.decompress(answer.body)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/debug/pprof/nope", 404, b"Unknown profile\n"),
        ("/debug/pprof/heap?seconds=x", 400, b'invalid value for "seconds" - must be a positive integer\n'),
        ("/debug/pprof/heap?seconds=-1", 400, b'invalid value for "seconds" - must be a positive integer\n'),
        ("/debug/pprof/heap?seconds=1&debug=1", 400, b"seconds and debug params are incompatible\n"),
        ("/varz", 404, b"404 page not found\n"),
        ("/", 404, b"404 page not found\n"),
    ],
)
def test_what_is_refused(port, path, status, body):
    answer = ask(port, path)
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/debug/pprof/symbol", "/debug/vars"])
def test_other_methods(port, path):
    answer = ask(port, path, "POST")
    assert (answer.status, answer.headers["Allow"], answer.body) == (405, "GET, HEAD", b"Method Not Allowed\n")
    assert ask(port, path, "HEAD").status == 200


def test_symbols(port):
    assert ask(port, "/debug/pprof/symbol").body == b"num_symbols: 1\n"
    text = ask(port, "/debug/pprof/goroutine?debug=1").body.decode()
    address = next(line.split("\t")[1] for line in text.splitlines() if line.startswith("#") and "\t?" not in line)
    answer = ask(port, f"/debug/pprof/symbol?{address}+0x1").body.decode()
    assert answer.startswith(f"num_symbols: 1\n{address} ")


def test_the_command_line(port):
    arguments = ask(port, "/debug/pprof/cmdline").body.split(b"\0")
    assert arguments[1:3] == [b"-a", b"127.0.0.1"]


def test_the_command_line_shows_no_secrets(start):
    port = free_port()
    start("", "--profile", str(port), "--user", "me", "--pass=hidden")
    arguments = ask(port, "/debug/pprof/cmdline").body.split(b"\0")
    assert arguments[-3:] == [b"--user", b"[REDACTED]", b"--pass=[REDACTED]"]
    assert b"hidden" not in ask(port, "/debug/vars").body


def test_variables_on_both_ports(start):
    port = free_port()
    server = start(f"prof_port: {port}\n")
    status, headers, body = server.get("/debug/vars")
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    for variables in (json.loads(body), json.loads(ask(port, "/debug/vars").body)):
        assert set(variables) == {"cmdline", "memstats"}
        assert variables["cmdline"][1:3] == ["-a", "127.0.0.1"]
        memory = variables["memstats"]
        assert memory["Sys"] >= memory["HeapSys"] >= memory["HeapAlloc"] > 0
        assert (len(memory["PauseNs"]), len(memory["PauseEnd"])) == (256, 256)
        assert {"Alloc", "TotalAlloc", "Mallocs", "Frees", "StackSys", "GCSys", "NumGC", "BySize"} <= set(memory)


def test_stacks_on_the_monitoring_port(server):
    status, headers, body = server.get("/stacksz")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert body.startswith(b"goroutine ")
