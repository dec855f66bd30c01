"""--signal, in a PID namespace with its own /proc: what each binary says and whom it reaches, ours as the reference.

The processes that are looked for run the same binary under the name nats-server; whoever asks is another process.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / ".cache/reference/2.15.1/bin/nats-server"
OURS = ROOT / "build/release/bin/nats-server"
INSIDE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]

# Runs as the first process of the namespace; arguments: binary, number of servers, arguments of the asking process.
SCRIPT = r"""
import os, signal, subprocess, sys, time
binary, count, *words = sys.argv[1:]
servers = []
for number in range(int(count)):
    log = f"log{number}"
    servers.append(subprocess.Popen([binary, "-a", "127.0.0.1", "-p", "-1", "-l", log]))
    while not os.path.exists(log) or "Server is ready" not in open(log).read():
        assert servers[-1].poll() is None
        time.sleep(0.01)
pids = [str(server.pid) for server in servers]
open("pid", "w").write(pids[0] if pids else "")
words = [word.replace("FIRST", pids[0] if pids else "") for word in words]
nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.environ.get("AS_NOBODY") else {}
asked = subprocess.run([binary, *words], capture_output=True, text=True, timeout=20, **nobody)
time.sleep(0.3)
def names(text):
    for number, pid in enumerate(pids):
        text = text.replace(pid, f"<{number}>")
    return text
print("code", asked.returncode)
print("out", names(asked.stdout.rstrip()))
print("err", names(asked.stderr.rstrip()))
for number, server in enumerate(servers):
    code = server.poll()
    trapped = [line.split("] ")[-1].strip() for line in open(f"log{number}") if "Trapped" in line or "re-open" in line]
    print("server", number, "runs" if code is None else f"ended with {code}", trapped)
    if code is None:
        server.kill()
"""


def can_unshare() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*INSIDE, "true"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.skipif(not can_unshare(), reason="no PID namespaces here"),
    pytest.mark.skipif(not OURS.exists() and "NATSTWIN_SERVER" not in os.environ, reason="no release build here yet"),
]


def ask(binary: Path, folder: Path, servers: int, *words: str, inside=INSIDE, **environment: str) -> str:
    folder.mkdir()
    done = subprocess.run(
        [*inside, sys.executable, "-c", SCRIPT, str(binary), str(servers), *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        start_new_session=True,  # whatever is signalled, it is not us
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


CASES = [
    (0, "--signal", "quit"),
    (0, "--signal", "quit=*"),
    (0, "-sl", "quit=999999"),
    (0, "--signal", "quit=12x"),
    (0, "--signal", "quit=1=2"),
    (0, "--signal", "bogus"),
    (0, "--signal", "bogus=1"),
    (1, "--signal", "bogus"),
    (1, "--signal", "quit"),
    (1, "--signal", "stop"),
    (1, "--signal", "term"),
    (1, "--signal", "ldm"),
    (1, "--signal", "reopen"),
    (1, "--signal", "reload"),
    (1, "-sl=reopen=FIRST",),
    (1, "--signal", "reopen=pid"),
    (1, "--signal", "reopen="),
    (1, "--signal", "quit=FIRST*"),
    (2, "--signal", "quit"),
    (2, "--signal", "quit=FIRST"),
    (2, "--signal", "reopen=*"),
    (3, "--signal", "term=*"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case)))
def test_signal(tmp_path, case):
    ours = Path(os.environ.get("NATSTWIN_SERVER", OURS)).resolve()
    theirs = ask(REFERENCE, tmp_path / "reference", *case)
    assert ask(ours, tmp_path / "ours", *case) == theirs
    assert re.search(r"^code \d+$", theirs, re.M)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
@pytest.mark.parametrize("words", ["quit", "quit=FIRST", "stop=*", "ldm=1"])
def test_servers_of_another_user(words):
    inside = [word for word in INSIDE if word not in ("--user", "--map-root-user")]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no PID namespaces here")
    ours = Path(os.environ.get("NATSTWIN_SERVER", OURS)).resolve()
    answers = []
    with tempfile.TemporaryDirectory() as folder:  # not pytest's, into which nobody else may look
        Path(folder).chmod(0o755)
        for name, binary in ("reference", REFERENCE), ("ours", ours):
            copy = Path(folder) / name / "nats-server"
            copy.parent.mkdir()
            shutil.copy(binary, copy)
            answers.append(ask(copy, Path(folder) / f"{name}.run", 1, "--signal", words, inside=inside, AS_NOBODY="1"))
    assert answers[1] == answers[0]
    assert "operation not permitted" in answers[0]
    assert "server 0 runs" in answers[0]
