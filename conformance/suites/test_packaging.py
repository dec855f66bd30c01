"""What packaging/ makes: the Debian package is built, unpacked and started; unit, image and chart values are read."""

import json
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
PACKAGING = ROOT / "packaging"
REFERENCE = ROOT / ".venv/bin/nats-server"
EXAMPLES = sorted((PACKAGING / "examples").glob("*.conf"))


def run(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, **options)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def package(tmp_path_factory) -> Path:
    if not (BUILD / "bin/nats-server").exists():
        pytest.skip("no release build here yet")
    for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not there")
    out = tmp_path_factory.mktemp("package")
    made = run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", out)
    assert made.returncode == 0, made.stdout + made.stderr
    (deb,) = out.glob("*.deb")
    return deb


@pytest.fixture(scope="session")
def unpacked(package, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("root")
    assert run("dpkg-deb", "--extract", package, root).returncode == 0
    return root


def test_package_takes_the_place_of_the_go_servers(package):
    fields = dict(
        line.split(": ", 1)
        for line in run("dpkg-deb", "--field", package).stdout.splitlines()
        if ": " in line and not line.startswith(" ")
    )
    assert fields["Package"] == "nats-server"
    assert fields["Version"].startswith("2.15.1+natstwin")
    assert "libc6" in fields["Depends"] and "libsodium" in fields["Depends"]


def test_package_holds_server_unit_and_configuration(unpacked):
    files = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file() or path.is_symlink()}
    assert {
        "usr/bin/nats-server",
        "usr/local/bin/nats-server",
        "lib/systemd/system/nats-server.service",
        "etc/nats-server.conf",
        "usr/share/doc/nats-server/operators.md",
    } <= files
    assert not [name for name in files if "natstwin" in name or name.endswith(".a")]
    assert (unpacked / "usr/local/bin/nats-server").readlink() == Path("/usr/bin/nats-server")


def test_control_scripts_are_sound(package, tmp_path):
    run("dpkg-deb", "--control", package, tmp_path)
    assert (tmp_path / "conffiles").read_text() == "/etc/nats-server.conf\n"
    for script in ("postinst", "prerm", "postrm"):
        assert run("sh", "-n", tmp_path / script).returncode == 0
        assert (tmp_path / script).stat().st_mode & 0o111


def test_packaged_server_starts_with_the_packaged_configuration(unpacked, tmp_path):
    server = unpacked / "usr/bin/nats-server"
    configuration = (unpacked / "etc/nats-server.conf").read_text()
    monitor = free_port()
    local = re.sub(r"^pid_file.*$", f'pid_file: "{tmp_path}/nats.pid"', configuration, flags=re.M)
    local = local.replace("127.0.0.1:8222", f"127.0.0.1:{monitor}")
    (tmp_path / "nats-server.conf").write_text(local)
    process = subprocess.Popen(
        [server, "-c", tmp_path / "nats-server.conf", "-a", "127.0.0.1", "-p", str(free_port())],
        stderr=subprocess.DEVNULL,
    )
    try:
        health = None
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{monitor}/healthz", timeout=2) as answer:
                    health = json.load(answer)
                break
            except OSError:
                time.sleep(0.05)
        assert health == {"status": "ok"}
        assert (tmp_path / "nats.pid").read_text() == str(process.pid)
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_unit_is_valid(unpacked, tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not there")
    unit = (unpacked / "lib/systemd/system/nats-server.service").read_text()
    local = tmp_path / "nats-server.service"
    local.write_text(unit.replace("/usr/bin/nats-server", str(unpacked / "usr/bin/nats-server")))
    verdict = run("systemd-analyze", "verify", "--man=no", local)
    complaints = [line for line in verdict.stderr.splitlines() if "nats-server.service" in line]
    assert not complaints
    assert "ExecReload=/bin/kill -s HUP $MAINPID" in unit
    assert "ExecStop=/bin/kill -s USR2 $MAINPID" in unit


@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Path:
    """What the example for TLS names, made now."""
    where = tmp_path_factory.mktemp("certificates")
    for name, subject in (("ca", "/CN=ca"), ("server", "/CN=localhost")):
        key = where / ("server-key.pem" if name == "server" else "ca-key.pem")
        signer = ["-CA", where / "ca.pem", "-CAkey", where / "ca-key.pem"] if name == "server" else []
        made = run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", subject, "-days", "2", "-keyout", key, "-out", where / f"{name}.pem", *signer,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
    return where


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("server", [REFERENCE, BUILD / "bin/nats-server"], ids=["reference", "ours"])
def test_example_is_valid(server, example, certificates):
    if not server.exists():
        pytest.skip(f"{server.name} is not built here yet")
    shutil.copy(example, certificates)
    checked = run(server, "-t", "-c", example.name, cwd=certificates)
    assert checked.returncode == 0, checked.stderr
    assert f"configuration file {example.name} is valid" in checked.stderr


def test_image_has_the_official_layout():
    text = (PACKAGING / "docker/Dockerfile").read_text().replace("\\\n", " ")
    stages = re.split(r"^FROM ", text, flags=re.M)[1:]
    scratch = next(stage for stage in stages if stage.startswith("scratch AS scratch"))
    default = stages[-1]
    assert 'ENTRYPOINT ["/nats-server"]' in scratch and 'CMD ["--config", "nats-server.conf"]' in scratch
    assert 'ENTRYPOINT ["docker-entrypoint.sh"]' in default
    assert 'CMD ["nats-server", "--config", "/etc/nats/nats-server.conf"]' in default
    for stage in (scratch, default):
        assert "EXPOSE 4222 8222 6222" in stage
    for source in re.findall(r"^COPY (?:--chmod=\d+ )?(packaging/\S+)", text, flags=re.M):
        assert (ROOT / source).exists(), source


def test_image_installs_what_the_server_loads():
    server = BUILD / "bin/nats-server"
    if not server.exists():
        pytest.skip("no release build here yet")
    text = (PACKAGING / "docker/Dockerfile").read_text()
    runtime = text[text.index("AS debian") :]
    packages = {"libcrypt": "libcrypt1", "libsodium": "libsodium23", "libfmt": "libfmt9", "libspdlog": "libspdlog1.10",
                "libssl": "libssl3", "libcrypto": "libssl3", "libz": "zlib1g"}  # fmt: skip
    for library in re.findall(r"^\s*(lib\w+)\S*\.so", run("ldd", server).stdout, flags=re.M):
        wanted = packages.get(library)
        assert wanted is None or re.search(rf"\b{re.escape(wanted)}\b", runtime), library


@pytest.mark.parametrize(
    ("arguments", "command"),
    [([], "nats-server"), (["-js", "-D"], "nats-server -js -D"), (["nats-server", "-v"], "nats-server -v")],
)
def test_entry_point_takes_flags_or_a_command(tmp_path, arguments, command):
    fake = tmp_path / "nats-server"
    fake.write_text('#!/bin/sh\necho "nats-server${1:+ $*}"\n')
    fake.chmod(0o755)
    answer = run(PACKAGING / "docker/docker-entrypoint.sh", *arguments, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert answer.stdout.strip() == command
