"""Each rule finds what breaks it and lets pass what keeps it."""

import pytest
from linting import arrows, ground, headers, sizes
from linting.source import Source


def texts(findings):
    return [finding.text for finding in findings]


ARROWS = [
    ("server/broker/a.cc", "server/account/a.h", None),
    ("server/broker/a.cc", "server/broker/session/a.h", None),
    ("server/account/a.cc", "server/broker/a.h", "an arrow points up: server/account uses server/broker"),
    ("server/route/a.cc", "server/gateway/a.h", "an arrow points up: server/route uses server/gateway"),
    ("server/mqtt/a.cc", "server/jetstream/a.h", None),
    ("server/odd/a.cc", "server/base/a.h", "server/odd is not in the table of folders"),
    ("server/base/a.cc", "server/odd/a.h", "server/odd is not in the table of folders"),
    ("conformance/runner/a.cc", "server/base/bytes.h", "the harness does not know the server"),
    ("tools/load/a.cc", "server/base/bytes.h", "the harness does not know the server"),
    ("server/base/a.cc", "conformance/trace/trace.h", "the server does not know the harness"),
    ("server/broker/a.cc", "server/sys/sim/world.h", "only app/main.cc and simulation/ choose a ground"),
    ("server/broker/a_test.cc", "server/sys/sim/world.h", None),
    ("server/app/main.cc", "server/sys/real/loop.h", None),
    ("server/app/server.cc", "server/sys/real/loop.h", "only app/main.cc and simulation/ choose a ground"),
    ("server/sys/real/loop.cc", "server/sys/real/loop.h", None),
    ("server/sys/real/loop.cc", "server/sys/sim/loop.h", "only app/main.cc and simulation/ choose a ground"),
]


@pytest.mark.parametrize(("path", "target", "expected"), ARROWS)
def test_arrows(path, target, expected):
    found = texts(arrows.check([Source(path, f'#include "{target}"\n')]))
    assert (found == []) if expected is None else (len(found) == 1 and found[0].startswith(expected))


def test_two_folders_that_include_each_other_are_found():
    sources = [
        Source("conformance/trace/a.h", '#include "conformance/runner/b.h"\n'),
        Source("conformance/runner/b.h", '#include "conformance/trace/a.h"\n'),
    ]
    assert [(finding.text, finding.warning) for finding in arrows.check(sources)] == [
        ("conformance/runner and conformance/trace include each other", False),
        ("conformance/trace and conformance/runner include each other", False),
    ]


def test_two_rooms_of_a_folder_that_include_each_other_are_a_warning():
    sources = [
        Source("server/broker/session/a.h", '#include "server/broker/interest/b.h"\n'),
        Source("server/broker/interest/b.h", '#include "server/broker/session/a.h"\n'),
    ]
    assert [finding.warning for finding in arrows.check(sources)] == [True, True]


GROUND = [
    ("#include <boost/asio/ip/tcp.hpp>", "<boost/asio/ip/tcp.hpp> belongs to server/sys/ (ground rule)"),
    ("#include <sys/socket.h>", "<sys/socket.h> belongs to server/sys/ (ground rule)"),
    ("#include <thread>", "<thread> belongs to server/sys/ (ground rule)"),
    ("#include <fstream>", "<fstream> belongs to server/sys/ (ground rule)"),
    ("#include <mutex>", None),
    ("#include <shared_mutex>", None),
    ("#include <atomic>", None),
    ("auto now = std::chrono::steady_clock::now();", "names a system clock: steady_clock"),
    ("auto now = time(nullptr);", "names a system clock: time(nullptr"),
    ("auto now = clock.time(0);", None),
    ("gettimeofday(&tv, 0);", "names a system clock: gettimeofday"),
    ("std::random_device device;", "names a random device: std::random_device"),
    ("randombytes_buf(bytes, 16);", "names a random device: randombytes_buf"),
    ("auto operand(int);", None),
    ('auto home = getenv("HOME");', "names the environment: getenv"),
    ('auto file = fopen("a", "r");', "names a file: fopen("),
    ("std::ifstream in(path);", "names a file: std::ifstream"),
    ("std::jthread worker;", "names a thread: std::jthread"),
    ("auto fd = ::socket(AF_INET, 0, 0);", "names a descriptor: ::socket("),
    ("stream->read(buffer); stream.close(); Stream::open(path);", None),
    ("// std::thread in a comment, time(nullptr) too", None),
    ('log("getenv failed, std::thread");', None),
    ('auto text = R"(getenv std::thread)";', None),
]


@pytest.mark.parametrize(("code", "expected"), GROUND)
def test_ground(code, expected):
    found = texts(ground.check([Source("server/broker/a.cc", code + "\n")]))
    assert (found == []) if expected is None else (len(found) == 1 and found[0].startswith(expected))


def test_the_ground_itself_may_name_everything():
    assert ground.check([Source("server/sys/real/loop.cc", "#include <thread>\nstd::thread a;\n")]) == []


def test_tests_may_read_files_but_not_open_sockets():
    source = Source("server/config/lexer_test.cc", "#include <fstream>\n#include <sys/socket.h>\nstd::ifstream in;\n")
    assert texts(ground.check([source])) == ["<sys/socket.h> belongs to server/sys/ (ground rule)"]


def test_findings_name_the_line():
    source = Source("server/broker/a.cc", "/* two\nlines */\n#include <thread>\n")
    assert [finding.line for finding in ground.check([source])] == [3]


HEADERS = [
    ("server/a/a.h", "chrono", "a header includes <chrono>: chrono"),
    ("server/a/a.h", "fmt/core.h", None),
    ("server/a/a.h", "fmt/format.h", "a header includes fmt beyond fmt/core.h: fmt/format.h"),
    ("server/a/a.h", "nlohmann/json_fwd.hpp", "a header includes nlohmann-json: nlohmann/json_fwd.hpp"),
    ("server/sys/real/net.h", "boost/asio/ip/tcp.hpp", None),
    ("conformance/agent/a.h", "grpcpp/grpcpp.h", "a header includes gRPC: grpcpp/grpcpp.h"),
    ("server/a/a.cc", "chrono", None),
    ("server/a/a.cc", "nlohmann/json.hpp", "only server/gojson/ uses nlohmann-json in the server"),
    ("server/gojson/a.cc", "nlohmann/json.hpp", None),
    ("conformance/trace/a.cc", "nlohmann/json.hpp", None),
]


@pytest.mark.parametrize(("path", "target", "expected"), HEADERS)
def test_headers(path, target, expected):
    found = texts(headers.check([Source(path, f"#pragma once\n#include <{target}>\n")]))
    assert found == ([] if expected is None else [expected])


def test_a_header_without_guard_is_found():
    assert texts(headers.check([Source("server/a/a.h", "int a;\n")])) == ["lacks #pragma once"]


def test_a_source_includes_its_own_header_first():
    late = Source("server/a/a.cc", '#include <string>\n\n#include "server/a/a.h"\n')
    assert texts(headers.check([late])) == ['the first include is not its own header "server/a/a.h"']
    assert headers.check([Source("server/a/a.cc", '#include "server/a/a.h"\n\n#include <string>\n')]) == []


def test_a_long_function_is_a_warning():
    body = "int f(int a) {\n" + "  ++a;\n" * 70 + "}\n"
    (finding,) = sizes.check([Source("server/a/a.cc", body)])
    assert finding.warning and finding.text == "a function of 72 lines (habit: 60)"
