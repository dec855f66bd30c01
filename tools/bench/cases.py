"""What is measured: one line per case. `load` are the words for natstwin-load; {seconds} and {warmup} are filled in."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Metric:
    name: str  # its key in natstwin-load's figures
    unit: str
    more_is_better: bool = False


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    load: str
    metrics: tuple[Metric, ...]
    rounds: int
    quick_rounds: int
    quick_load: str = ""
    starts_server: bool = False  # natstwin-load starts the server itself
    monitored: bool = False  # the server has a monitoring port
    tls: str = ""  # "rsa" or "ec": the server has TLS with such a certificate
    timing: dict = field(default_factory=lambda: {"warmup": "0.25", "seconds": "1.2"})
    quick_timing: dict = field(default_factory=lambda: {"warmup": "0.15", "seconds": "0.4"})

    def words(self, quick: bool) -> list[str]:
        text = self.quick_load if quick and self.quick_load else self.load
        return text.format(**(self.quick_timing if quick else self.timing)).split()

    def round_count(self, quick: bool) -> int:
        return self.quick_rounds if quick else self.rounds


CPU = Metric("cpu_ns_per_message", "ns")
THROUGHPUT = Metric("messages_per_second", "msg/s", more_is_better=True)
LATENCIES = (Metric("p50_us", "us"), Metric("p99_us", "us"), Metric("p999_us", "us"))
TIMES = " --warmup {warmup} --seconds {seconds}"


def _throughput(name: str, title: str, load: str, tls: str = "") -> Case:
    return Case(name, title, load + TIMES, (CPU, THROUGHPUT), rounds=5, quick_rounds=3, tls=tls)


def _handshakes(name: str, title: str, tls: str) -> Case:
    return Case(
        name,
        title,
        "handshakes --count 1000",
        (CPU,),
        rounds=3,
        quick_rounds=2,
        quick_load="handshakes --count 200",
        tls=tls,
    )


def _latency(name: str, title: str, load: str) -> Case:
    return Case(
        name,
        title,
        "latency " + load + TIMES,
        (*LATENCIES, CPU),
        rounds=4,
        quick_rounds=1,
        quick_timing={"warmup": "0.2", "seconds": "0.8"},
    )


def _monitor(name: str, title: str, load: str) -> Case:
    return Case(
        name,
        title,
        "monitor " + load + TIMES,
        (Metric("cpu_us_per_request", "us"), Metric("request_p50_us", "us"), *LATENCIES),
        rounds=2,
        quick_rounds=1,
        monitored=True,
        timing={"warmup": "0.3", "seconds": "2"},
        quick_timing={"warmup": "0.3", "seconds": "1"},
    )


CASES = (
    _throughput("publish", "publish only, 16 B", "publish"),
    _throughput("pair", "1:1, 16 B", "pair"),
    _throughput("fanout", "fan-out 1 to 100, 16 B, per delivery", "pair --subscribers 100"),
    _throughput("request-64", "request-reply, 64 in flight", "request --in-flight 64"),
    _throughput("request-1", "request-reply, alone", "request --in-flight 1"),
    _throughput("pair-8k", "1:1, 8 KB", "pair --payload 8192"),
    _latency("latency-pair", "1:1 16 B at 10,000/s", "--pattern pair --rate 10000"),
    _latency("latency-fanout", "1 to 100 16 B at 100/s", "--pattern fanout --rate 100"),
    _latency("latency-request", "request-reply at 2,000/s", "--pattern request --rate 2000"),
    _latency("latency-8k", "1:1 8 KB at 5,000/s", "--pattern pair --payload 8192 --rate 5000"),
    _throughput("tls-pair", "TLS 1:1, 16 B", "pair --tls yes", tls="rsa"),
    _throughput("tls-pair-8k", "TLS 1:1, 8 KB", "pair --payload 8192 --tls yes", tls="rsa"),
    _handshakes("tls-handshakes", "TLS handshake, RSA 2048", "rsa"),
    _handshakes("tls-handshakes-ec", "TLS handshake, P-256", "ec"),
    _monitor("connz", "all of 10,000 connections, /connz", "--path /connz?limit=10000 --requests 10"),
    _monitor("connz-page", "1,024 of 10,000 connections, /connz", "--path /connz --requests 20"),
    _monitor("varz", "/varz while messages flow", "--path /varz --connections 100 --rate 5000 --requests 1000"),
    Case(
        "idle-connection",
        "memory per idle connection, at once and after a second PING",
        "idle --connections 5000",
        (Metric("bytes_per_connection", "B"), Metric("bytes_per_connection_after_ping", "B")),
        rounds=2,
        quick_rounds=1,
        quick_load="idle --connections 2000 --settle 0.5 --pause 1",
    ),
    Case(
        "tls-idle-connection",
        "memory per idle TLS connection, at once and after a second PING",
        "idle --connections 1000 --tls yes",
        (Metric("bytes_per_connection", "B"), Metric("bytes_per_connection_after_ping", "B")),
        rounds=2,
        quick_rounds=1,
        quick_load="idle --connections 1000 --settle 0.5 --pause 1 --tls yes",
        tls="ec",
    ),
    Case(
        "subscription",
        "memory per subscription",
        "subscriptions --subscriptions 200000 --connections 10",
        (Metric("bytes_per_subscription", "B"),),
        rounds=2,
        quick_rounds=1,
        quick_load="subscriptions --subscriptions 200000 --connections 10 --settle 0.3",
    ),
    Case(
        "start",
        "start and a fresh server",
        "start --settle 0.3",
        (Metric("ready_ms", "ms"), Metric("accepting_ms", "ms"), Metric("start_cpu_ms", "ms"), Metric("rss", "B")),
        rounds=10,
        quick_rounds=4,
        starts_server=True,
    ),
    Case(
        "idle-server",
        "CPU of a server without clients",
        "start --settle 0.5 --hold 3",
        (Metric("idle_cpu_us_per_second", "us/s"),),
        rounds=2,
        quick_rounds=1,
        quick_load="start --settle 0.3 --hold 1",
        starts_server=True,
    ),
)


def select(patterns: list[str]) -> list[Case]:
    """The cases that match any pattern, in the table's order; all without patterns. ValueError if one matches none."""
    for pattern in patterns:
        if not any(fnmatchcase(case.name, pattern) for case in CASES):
            raise ValueError(f"no case matches {pattern!r}; there are: {', '.join(case.name for case in CASES)}")
    return [case for case in CASES if not patterns or any(fnmatchcase(case.name, pattern) for pattern in patterns)]
