#include "conformance/trace/compare.h"

#include <gtest/gtest.h>

#include <fmt/core.h>

namespace natstwin::trace {

namespace {

// A client that subscribes an inbox, is answered there, and is asked about by monitoring.
Trace recording(int i) {
  const auto name = [&](char kind) {
    std::string out(22, static_cast<char>('A' + i));
    out[0] = kind;
    out[5] = static_cast<char>('0' + i);
    out[7] = 'x';
    return out;
  };
  const std::string inbox = "_INBOX." + name('i');
  const int port = 40000 + i;
  const auto time = [&](int ms) { return fmt::format("\"2026-11-24T10:00:0{}.{}5Z\"", i, ms); };
  return Trace{.scenario = "core/x",
               .script_hash = "sha256:1",
               .server = "nats-server: v2.15.1",
               .meta = {{"seed", std::to_string(i)}},
               .events = {
                   {1,
                    "c1",
                    Direction::received,
                    "INFO",
                    {{"json.server_id", fmt::format("\"{}\"", name('s'))}, {"json.max_payload", "1048576"}}},
                   {2, "c1", Direction::sent, "SUB", {{"subject", fmt::format("\"{}\"", inbox)}}},
                   {3,
                    "c1",
                    Direction::received,
                    "MSG",
                    {{"subject", fmt::format("\"{}\"", inbox)}, {"payload", "\"one\""}}},
                   {3,
                    "c1",
                    Direction::received,
                    "MSG",
                    {{"subject", fmt::format("\"{}\"", inbox)}, {"payload", "\"two\""}}},
                   {4, "c1", Direction::received, "PONG", {}},
                   {5,
                    "A",
                    Direction::state,
                    "GET /connz",
                    {{"json.server_id", fmt::format("\"{}\"", name('s'))},
                     {"json.start", time(1)},
                     {"json.now", time(2)},
                     {"json.c[0].port", std::to_string(port)},
                     {"json.c[0].rtt", "\"1ms\""},
                     {"json.n", "1"}}},
                   {6, "A", Direction::log, "INF", {{"text", fmt::format("\"127.0.0.1:{} - hello\"", port)}}},
                   {6, "A", Direction::log, "INF", {{"text", "\"Server is ready\""}}},
                   {7, "c1", Direction::lifecycle, "CLOSED", {}},
               }};
}

Golden golden() {
  std::vector<Trace> recordings;
  for (int i = 1; i <= 5; ++i) recordings.push_back(recording(i));
  const auto made = make_golden(recordings);
  EXPECT_TRUE(made) << made.error();
  return *golden_from_text(to_text(*made));
}

Verdict judge(void (*change)(Trace&)) {
  Trace replay = recording(7);
  change(replay);
  return compare(golden(), replay);
}

std::vector<std::string> lines_of(const Verdict& verdict) {
  std::vector<std::string> lines;
  for (const Difference& difference : verdict.differences) lines.push_back(line_of(difference));
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST(Compare, AnotherRunOfTheSameServerPasses) {
  const Verdict verdict = judge([](Trace&) {});
  EXPECT_EQ(verdict.kind, VerdictKind::pass) << to_human(verdict, golden(), recording(7));
}

TEST(Compare, OneChangeIsOneDifference) {
  struct Case {
    const char* name;
    void (*change)(Trace&);
    const char* kind;
    const char* line;
  };
  const Case cases[] = {
      {"missing frame", [](Trace& t) { t.events.erase(t.events.begin() + 4); }, "frame",
       "@4 c1 < PONG: missing"},
      {"extra frame",
       [](Trace& t) {
         t.events.insert(t.events.begin() + 4, {4, "c1", Direction::received, "+OK", {}});
       },
       "frame", "@4 c1 < +OK: extra"},
      {"first of two missing", [](Trace& t) { t.events.erase(t.events.begin() + 2); }, "frame",
       "@3 c1 < MSG: missing, expected subject = \"_INBOX.<id:2>\""},
      {"missing field", [](Trace& t) { t.events[0].leaves.pop_back(); }, "field",
       "@1 c1 < INFO json.max_payload: missing, expected 1048576"},
      {"extra field",
       [](Trace& t) {
         t.events[0].leaves.push_back({"json.more", "1"});
       },
       "field", "@1 c1 < INFO json.more: extra, got 1"},
      {"type", [](Trace& t) { t.events[0].leaves[1].value = "\"1048576\""; }, "field",
       "@1 c1 < INFO json.max_payload: expected 1048576, got \"1048576\""},
      {"spelling", [](Trace& t) { t.events[0].leaves[1].value = "1048576.0"; }, "bytes",
       "@1 c1 < INFO json.max_payload: expected 1048576, got 1048576.0"},
      {"order", [](Trace& t) { std::swap(t.events[0].leaves[0], t.events[0].leaves[1]); }, "field",
       "@1 c1 < INFO json.max_payload: other order (comes before json.server_id)"},
      {"value", [](Trace& t) { t.events[2].leaves[1].value = "\"One\""; }, "bytes",
       "@3 c1 < MSG payload: expected \"one\", got \"One\""},
      {"extra log line",
       [](Trace& t) {
         t.events.push_back({6, "A", Direction::log, "ERR", {{"text", "\"boom\""}}});
       },
       "frame", "@6 A # ERR: extra, got text = \"boom\""},
      {"log line says something else", [](Trace& t) { t.events[7].leaves[0].value = "\"Server is steady\""; },
       "bytes", "@6 A # INF text: expected \"Server is ready\", got \"Server is steady\""},
      {"not closed", [](Trace& t) { t.events.pop_back(); }, "frame", "@7 c1 ! CLOSED: missing"},
      {"later", [](Trace& t) { t.events[4].step = 5; }, "frame", "@4 c1 < PONG: expected at @4, got at @5"},
  };
  for (const Case& c : cases) {
    const Verdict verdict = judge(c.change);
    EXPECT_EQ(lines_of(verdict), Lines{c.line}) << c.name;
    if (!verdict.differences.empty()) {
      EXPECT_EQ(name_of(verdict.differences[0].kind), c.kind) << c.name;
      EXPECT_TRUE(verdict.differences[0].first) << c.name;
    }
  }
}

TEST(Compare, SwappedFramesShowWhereTheyStand) {
  const Verdict verdict = judge([](Trace& t) { std::swap(t.events[2], t.events[3]); });
  EXPECT_EQ(lines_of(verdict), (Lines{"@3 c1 < MSG payload: expected \"one\", got \"two\"",
                                      "@3 c1 < MSG payload: expected \"two\", got \"one\""}));
}

TEST(Compare, OneElementMoreIsOneDifference) {
  std::vector<Leaf> leaves;
  for (const char* line : {"\"one\"", "\"two\"", "\"three\"", "\"four\""}) {
    leaves.push_back({fmt::format("body[{}]", leaves.size()), line});
  }
  const Event answer{1, "A", Direction::state, "GET /", leaves};
  const std::vector<Trace> recordings(5, Trace{.scenario = "core/x", .events = {answer}});
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden);
  Trace more = recordings[0];
  more.events[0].leaves = {{"body[0]", "\"one\""},
                           {"body[1]", "\"new\""},
                           {"body[2]", "\"two\""},
                           {"body[3]", "\"three\""},
                           {"body[4]", "\"four\""}};
  EXPECT_EQ(lines_of(compare(*golden, more)), (Lines{"@1 A = GET / body[+1]: extra, got \"new\""}));
  Trace less = recordings[0];
  less.events[0].leaves = {{"body[0]", "\"one\""}, {"body[1]", "\"Three\""}, {"body[2]", "\"four\""}};
  EXPECT_EQ(lines_of(compare(*golden, less)),
            (Lines{"@1 A = GET / body[2]: missing, expected \"three\"",
                   "@1 A = GET / body[1]: expected \"two\", got \"Three\""}));
}

TEST(Compare, NamesBindWhereverTheyStand) {
  const Verdict other_inbox =
      judge([](Trace& t) { t.events[3].leaves[0].value = "\"_INBOX.iAAAAAAA1xAAAAAAAAAAAA\""; });
  ASSERT_EQ(other_inbox.differences.size(), 1u);
  EXPECT_EQ(other_inbox.differences[0].what, "binding");
  const Verdict other_server =
      judge([](Trace& t) { t.events[5].leaves[0].value = "\"sAAAAAAA1xAAAAAAAAAAAA\""; });
  EXPECT_EQ(other_server.differences.size(), 1u);
  const Verdict log_port = judge([](Trace& t) { t.events[6].leaves[0].value = "\"127.0.0.1:5 - hello\""; });
  EXPECT_EQ(log_port.differences.size(), 1u);
}

TEST(Compare, TwoNamesAreNotOneToken) {
  // All shapes fit, but server and inbox share their name.
  Trace replay = recording(7);
  const std::string id = replay.events[0].leaves[0].value.substr(1, 22);
  std::vector<Trace> recordings;
  for (int i = 1; i <= 5; ++i) {
    recordings.push_back(recording(i));
    recordings.back().events.resize(2);
    std::string inbox = recordings.back().events[1].leaves[0].value;
    inbox[8] = 's';
    recordings.back().events[1].leaves[0].value =
        fmt::format("\"_INBOX.s{}\"", std::string(21, static_cast<char>('p' + i)));
  }
  const auto made = make_golden(recordings);
  ASSERT_TRUE(made);
  replay.events.resize(2);
  replay.events[1].leaves[0].value = "\"_INBOX." + id + "\"";
  const Verdict verdict = compare(*made, replay);
  ASSERT_EQ(verdict.differences.size(), 1u);
}

TEST(Compare, TimesThatRanBackwardsAreSeen) {
  const Verdict verdict =
      judge([](Trace& t) { std::swap(t.events[5].leaves[1].value, t.events[5].leaves[2].value); });
  ASSERT_EQ(verdict.differences.size(), 1u);
  EXPECT_EQ(verdict.differences[0].path, "json.now");
}

TEST(Compare, FramesComeBeforeFieldsBeforeBytesAndTheFirstIsMarked) {
  const Verdict verdict = judge([](Trace& t) {
    t.events[2].leaves[1].value = "\"uno\"";
    t.events[0].leaves[1].value = "1";
    t.events[5].leaves.pop_back();
    t.events.pop_back();
  });
  EXPECT_EQ(lines_of(verdict),
            (Lines{"@7 c1 ! CLOSED: missing", "@5 A = GET /connz json.n: missing, expected 1",
                   "@1 c1 < INFO json.max_payload: expected 1048576, got 1",
                   "@3 c1 < MSG payload: expected \"one\", got \"uno\""}));
  ASSERT_NE(verdict.first(), nullptr);
  EXPECT_EQ(verdict.first()->path, "json.max_payload");
  EXPECT_GT(verdict.first()->golden_line, 0);
}

TEST(Compare, LogLinesComeInAnyOrderAndDebugLinesAreNotCompared) {
  const Verdict verdict = judge([](Trace& t) {
    std::swap(t.events[6], t.events[7]);
    t.events.push_back({6, "A", Direction::log, "DBG", {{"text", "\"chatter\""}}});
  });
  EXPECT_EQ(verdict.kind, VerdictKind::pass);
}

TEST(Compare, TheEndOfAServerDecidesTheVerdict) {
  struct Case {
    void (*change)(Trace&);
    VerdictKind kind;
    const char* reason;
  };
  const Case cases[] = {
      {[](Trace& t) {
         t.events.push_back({7, "A", Direction::lifecycle, "EXIT", {{"signal", "11"}}});
       },
       VerdictKind::crash, "A ended by signal 11"},
      {[](Trace& t) {
         t.events.push_back({7, "A", Direction::lifecycle, "EXIT", {{"code", "2"}}});
       },
       VerdictKind::crash, "A exited with code 2"},
      {[](Trace& t) {
         t.events.push_back({7, "A", Direction::lifecycle, "EXIT", {{"code", "89"}}});
       },
       VerdictKind::unsupported, "A exited with code 89"},
      {[](Trace& t) {
         t.meta = {{"outcome", "timeout"}, {"outcome.reason", "recv PONG"}};
       },
       VerdictKind::timeout, "recv PONG"},
      {[](Trace& t) {
         t.meta = {{"outcome", "not-run"}, {"outcome.reason", "no nats"}};
       },
       VerdictKind::not_run, "no nats"},
      {[](Trace& t) { t.script_hash = "sha256:2"; }, VerdictKind::differs,
       "the replay is of another script than the golden"},
  };
  for (const Case& c : cases) {
    const Verdict verdict = judge(c.change);
    EXPECT_EQ(verdict.kind, c.kind) << c.reason;
    EXPECT_EQ(verdict.reason, c.reason);
  }
}

TEST(Compare, DisagreeingReplaysAreFlaky) {
  const Verdict good = judge([](Trace&) {});
  const Verdict bad = judge([](Trace& t) { t.events.pop_back(); });
  const std::vector<Verdict> mixed{good, bad, good};
  EXPECT_EQ(combine(mixed).kind, VerdictKind::flaky);
  EXPECT_EQ(combine(std::vector<Verdict>{bad, bad}).kind, VerdictKind::differs);
  EXPECT_EQ(combine(std::vector<Verdict>{}).kind, VerdictKind::not_run);
}

TEST(Compare, AnEmptyReplayMissesEverythingAndAnEmptyGoldenNothing) {
  const Verdict nothing = judge([](Trace& t) { t.events.clear(); });
  EXPECT_EQ(nothing.differences.size(), 9u);
  const auto empty = golden_from_text("natstwin golden 1\nscenario core/x\nscript sha256:1\n");
  ASSERT_TRUE(empty);
  EXPECT_EQ(compare(*empty, recording(1)).differences.size(), 9u);
}

}  // namespace natstwin::trace
