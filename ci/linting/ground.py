"""The ground rule: no file of server/ outside server/sys/ names Asio, a descriptor, a thread, a clock or chance."""

import re

from .source import Finding, Source, line_of

# Includes, by what they would bring in. Tests may read files and start threads; sockets they may not.
ASIO = re.compile(r"^boost/(asio|beast)([./]|$)|^asio")
SOCKETS = re.compile(
    r"^(sys/(socket|epoll|eventfd|timerfd|signalfd|uio|select|ioctl|un|sendfile)|netinet/.*|arpa/inet|netdb|poll"
    r"|net/.*|ifaddrs|linux/.*)\.h$"
)
SYSTEM = re.compile(
    r"^(unistd|fcntl|pthread|signal|dirent|sys/(stat|mman|random|time|times|resource|wait|file|types))\.h$"
    r"|^(thread|condition_variable|future|semaphore|latch|barrier|stop_token|random|fstream|csignal|experimental/.*)$"
)

# Names, by what they reach for.
NAMES = [
    ("a thread", r"\bstd::(j?thread|async|this_thread|condition_variable(_any)?)\b|\bpthread_\w+"),
    (
        "a system clock",
        r"\b(system|steady|high_resolution|utc|tai|gps|file)_clock\b|\bgettimeofday\b|\bclock_gettime\b"
        r"|(?<![\w.>:])(std::|::)?time\s*\(\s*(nullptr|NULL|0|&)|(?<![\w.>])(std::|::)clock\s*\(\s*\)",
    ),
    (
        "a random device",
        r"\bstd::random_device\b|\bgetrandom\b|\bgetentropy\b|\barc4random\w*|\brandombytes_\w+|\bRAND_bytes\b"
        r"|(?<![\w.>:])(std::|::)?s?rand\s*\(|\bmt19937\w*",
    ),
    ("the environment", r"\b(secure_)?getenv\b|\bsetenv\b|(?<!\w)::environ\b"),
    (
        "a file",
        r"\b(fopen|fdopen|freopen|opendir|mkstemp)\s*\(|\bstd::[io]?fstream\b"
        r"|(?<![\w>])::(open|openat|read|write|pread|pwrite|close|rename|unlink|fsync|fdatasync|stat|mkdir)\s*\("
        r"|\bfilesystem::(exists|create_\w+|remove\w*|rename|copy\w*|file_size|resize_file|\w*directory_iterator"
        r"|current_path|absolute|canonical|weakly_canonical|is_\w+|status|last_write_time|temp_directory_path)\b",
    ),
    ("a descriptor", r"(?<![\w>])::(socket|accept4?|connect|bind|listen|send|recv|sendto|recvfrom|poll|epoll_\w+)\s*\("),
    ("a process", r"(?<![\w.>:])(::)?(fork|execv\w*|execl\w*|waitpid|getpid|sigaction)\s*\(|(?<![\w>])::kill\s*\("),
]
NAME_RULES = [(what, re.compile(pattern)) for what, pattern in NAMES]
ALLOWED_IN_TESTS = {"a thread", "a file", "the environment", "a random device", "a process"}


def check(sources: list[Source]) -> list[Finding]:
    findings = []
    for source in sources:
        if source.path.startswith("server/") and not source.path.startswith("server/sys/"):
            findings += bad_includes(source) + bad_names(source)
    return findings


def bad_includes(source: Source) -> list[Finding]:
    rules = [ASIO, SOCKETS] if source.is_test else [ASIO, SOCKETS, SYSTEM]
    return [
        Finding(source.path, include.line, f"<{include.target}> belongs to server/sys/ (ground rule)")
        for include in source.includes
        if any(rule.search(include.target) for rule in rules)
    ]


def bad_names(source: Source) -> list[Finding]:
    findings = []
    for what, rule in NAME_RULES:
        if source.is_test and what in ALLOWED_IN_TESTS:
            continue
        for match in rule.finditer(source.code):
            name = " ".join(match[0].split())
            line = line_of(source.code, match.start())
            findings.append(Finding(source.path, line, f"names {what}: {name} (ground rule: server/sys/ only)"))
    return findings
