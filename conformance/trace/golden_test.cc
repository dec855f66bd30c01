#include "conformance/trace/golden.h"

#include <gtest/gtest.h>

#include <fmt/core.h>

#include "conformance/trace/pattern.h"
#include "conformance/trace/raw_recordings.h"

namespace natstwin::trace {

namespace {

Trace recording_of(std::vector<Event> events) {
  return Trace{.scenario = "core/x",
               .script_hash = "sha256:1",
               .server = "nats-server: v2.15.1",
               .events = std::move(events)};
}

// Five recordings of one event with one leaf.
std::vector<Trace> with_values(const std::vector<std::string>& values, const std::string& path = "payload",
                               const std::string& frame = "MSG") {
  std::vector<Trace> recordings;
  for (const std::string& value : values) {
    recordings.push_back(recording_of({{1, "c1", Direction::received, frame, {{path, value}}}}));
  }
  return recordings;
}

std::string pattern_of(const std::vector<std::string>& values, const std::string& path = "payload",
                       const std::string& frame = "MSG") {
  const auto golden = make_golden(with_values(values, path, frame));
  if (!golden) return golden.error();
  return to_text(golden->events[0].leaves[0].pattern);
}

constexpr const char* nuids[] = {"L7ZvGBaRkYrSFSRi9tVHnM", "aY4bUQfEJ0bDqNc3GT9OQx", "0kD3ZtXb1yEFPWpRwv5s2C",
                                 "T8mC2hnVqL6zKxJdS4GuAo", "e5PfRj7WiN9lMtBrH1OyZk"};

}  // namespace

TEST(Classification, ComesFromTheValues) {
  struct Case {
    const char* name;
    std::vector<std::string> values;
    const char* pattern;
  };
  const Case cases[] = {
      {"equal", {"\"a\"", "\"a\"", "\"a\"", "\"a\"", "\"a\""}, "\"a\""},
      {"name inside",
       {"\"_I.abc1\"", "\"_I.bcd2\"", "\"_I.cde3\"", "\"_I.def4\"", "\"_I.efg5\""},
       "\"_I.<id:1>\""},
      {"counter", {"10", "12", "11", "10", "14"}, "<int:5..28>"},
      {"never zero", {"1", "2", "1", "1", "1"}, "<int:1..4>"},
      {"port", {"\"h:4001\"", "\"h:4002\"", "\"h:4003\"", "\"h:4004\"", "\"h:4005\""}, "\"h:<id:1>\""},
      {"durations", {"\"1.5ms\"", "\"2s\"", "\"3ms\"", "\"151.014733ms\"", "\"1h2m\""}, "\"<duration>\""},
      {"choice", {"\"x a\"", "\"x b\"", "\"x a\"", "\"x a\"", "\"x b\""}, "\"x <any>\""},
      {"floats", {"0", "0.5", "1", "0", "2"}, "<any>"},
      {"other shape", {"\"x a b\"", "\"x c\"", "\"x a b\"", "\"x c\"", "\"x c\""}, "\"x <any>\""},
      {"less-than",
       {"\"<a> 1\"", "\"<a> 2\"", "\"<a> 1\"", "\"<a> 1\"", "\"<a> 1\""},
       "\"<lt>a> <int:1..4>\""},
      {"types", {"1", "\"1\"", "1", "1", "1"}, "<any><any>"},
  };
  for (const Case& c : cases) EXPECT_EQ(pattern_of(c.values), c.pattern) << c.name;
}

TEST(Classification, KnowledgeOverrulesEqualValues) {
  const std::vector<std::string> zero(5, "\"0s\"");
  EXPECT_EQ(pattern_of(zero, "json.uptime", "GET /varz"), "\"<duration>\"");
  EXPECT_EQ(pattern_of(zero, "json.connections[3].rtt", "GET /connz"), "\"<duration>\"");
  EXPECT_EQ(pattern_of(std::vector<std::string>(5, "0"), "json.cpu", "GET /varz"), "<any>");
  EXPECT_EQ(pattern_of(std::vector<std::string>(5, "2"), "json.cores", "GET /varz"), "<int:1..>");
  EXPECT_EQ(pattern_of(std::vector<std::string>(5, "\"go1.26\""), "json.go", "INFO"), "\"<any>\"");
  const std::vector<std::string> date(5, "\"Tue, 24 Nov 2026 17:25:56 GMT\"");
  EXPECT_EQ(pattern_of(date, "headers.Date[0]", "GET /varz"), "\"<time:1>\"");
  const std::vector<std::string> commit(5, "\"  Git:      [b2fd3ef]\"");
  EXPECT_EQ(pattern_of(commit, "text", "INF"), "\"  Git:      [<any>]\"");
  EXPECT_EQ(pattern_of(zero, "payload"), "\"0s\"");
}

TEST(Classification, OneNameIsOnePlaceholderWhereverItStands) {
  std::vector<Trace> recordings;
  for (const char* nuid : nuids) {
    recordings.push_back(
        recording_of({{1, "c1", Direction::sent, "SUB", {{"subject", fmt::format("\"_INBOX.{}\"", nuid)}}},
                      {2,
                       "c2",
                       Direction::received,
                       "MSG",
                       {{"reply", fmt::format("\"_INBOX.{}\"", nuid)}, {"x", "1"}}}}));
  }
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  EXPECT_EQ(to_text(golden->events[0].leaves[0].pattern), "\"_INBOX.<id:1>\"");
  EXPECT_EQ(to_text(golden->events[1].leaves[0].pattern), "\"_INBOX.<id:1>\"");
  ASSERT_EQ(golden->names.size(), 1u);
  EXPECT_EQ(to_text(golden->names[0]), "[A-Za-z0-9]{22}");
}

TEST(Classification, TimesOfOneObjectKeepTheirOrder) {
  std::vector<Trace> recordings;
  for (int i = 1; i <= 5; ++i) {
    recordings.push_back(recording_of({{1,
                                        "A",
                                        Direction::state,
                                        "GET /connz",
                                        {{"json.now", fmt::format("\"2026-11-24T10:00:0{}.5Z\"", i)},
                                         {"json.start", fmt::format("\"2026-11-24T10:00:0{}.25Z\"", i)}}}}));
    recordings.back().meta = {{"started", fmt::format("2026-11-24T10:00:0{}Z", i)},
                              {"finished", "2026-11-24T10:01:00Z"}};
  }
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  ASSERT_EQ(golden->order.size(), 1u);
  EXPECT_EQ(golden->order[0], (TimeOrder{2, 1}));
  EXPECT_EQ(golden->times[0], (TimeShape{"rfc3339-nanos", "Z", true}));
}

TEST(Consensus, AdjacentEventsInSeveralOrdersBecomeAGroup) {
  const Event ping{2, "c1", Direction::received, "PING", {}};
  const Event msg{2, "c1", Direction::received, "MSG", {{"payload", "\"a\""}}};
  const Event pong{3, "c1", Direction::received, "PONG", {}};
  std::vector<Trace> recordings(4, recording_of({ping, msg, pong}));
  recordings.push_back(recording_of({msg, ping, pong}));
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  EXPECT_EQ(golden->events[0].group, 1);
  EXPECT_EQ(golden->events[1].group, 1);
  EXPECT_EQ(golden->events[2].group, 0);
}

TEST(Consensus, OtherFramesAreListedByActorAndStep) {
  std::vector<Trace> recordings(5, recording_of({{2, "c1", Direction::received, "PONG", {}}}));
  recordings[3].events.push_back({4, "c1", Direction::received, "-ERR", {}});
  const auto golden = make_golden(recordings);
  ASSERT_FALSE(golden);
  EXPECT_NE(golden.error().find("@4 c1 < -ERR: 0 0 0 1 0"), std::string::npos) << golden.error();
}

TEST(Consensus, FewerRecordingsThanFiveOrOtherScriptsAreRefused) {
  std::vector<Trace> recordings(4, recording_of({}));
  EXPECT_FALSE(make_golden(recordings));
  recordings.push_back(recording_of({}));
  EXPECT_TRUE(make_golden(recordings));
  recordings[4].script_hash = "sha256:2";
  EXPECT_FALSE(make_golden(recordings));
  recordings[4] = recordings[0];
  recordings[2].meta = {{"outcome", "timeout"}};
  EXPECT_FALSE(make_golden(recordings));
}

TEST(Consensus, ArraysInAnyOrderBecomeSets) {
  std::vector<Trace> recordings;
  for (int i = 0; i < 5; ++i) {
    const std::string a = i == 2 ? "\"b\"" : "\"a\"";
    const std::string b = i == 2 ? "\"a\"" : "\"b\"";
    recordings.push_back(recording_of(
        {{1, "A", Direction::state, "GET /x", {{"json.l[0]", a}, {"json.l[1]", b}, {"json.z", "1"}}}}));
  }
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  EXPECT_EQ(golden->events[0].sets, std::vector<std::string>{"json.l"});
  EXPECT_EQ(to_text(golden->events[0].leaves[0].pattern), "\"a\"");
  EXPECT_EQ(to_text(golden->events[0].leaves[1].pattern), "\"b\"");
}

TEST(Classification, NumbersOfInternalSubscriptionsAreChance) {
  std::vector<Leaf> leaves;
  for (const char* subject : {"\"$SYS.REQ.X\"", "\"foo\""}) {
    const std::string element = fmt::format("json.subscriptions_list[{}].", leaves.size() / 3);
    leaves.push_back({element + "subject", subject});
    leaves.push_back({element + "sid", "\"1\""});
    leaves.push_back({element + "cid", "3"});
  }
  const std::vector<Trace> recordings(
      5, recording_of({{1, "A", Direction::state, "GET /subsz?subs=1", leaves}}));
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  std::vector<std::string> patterns;
  for (const LeafSpec& leaf : golden->events[0].leaves) patterns.push_back(to_text(leaf.pattern));
  EXPECT_EQ(patterns, (std::vector<std::string>{"\"$SYS.REQ.X\"", "\"<int:0..>\"", "<int:0..>", "\"foo\"",
                                                "\"1\"", "3"}));
}

TEST(Classification, TheLengthOfWhatVariesVaries) {
  std::vector<Trace> recordings;
  for (int i = 1; i <= 5; ++i) {
    recordings.push_back(recording_of({{1,
                                        "c1",
                                        Direction::received,
                                        "MSG",
                                        {{"size", "10"},
                                         {"line", "\"MSG a 1  10\\u000d\\u000a\""},
                                         {"payload.t", fmt::format("\"{}ms\"", i)}}}}));
    recordings.back().events.push_back(
        {2, "A", Direction::state, "GET /varz", {{"json.out_bytes", "10"}, {"json.out_msgs", "1"}}});
  }
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  EXPECT_EQ(to_text(golden->events[0].leaves[0].pattern), "<int:1..>");
  EXPECT_EQ(to_text(golden->events[0].leaves[1].pattern), "\"MSG a 1  <int:1..>\\u000d\\u000a\"");
  EXPECT_EQ(to_text(golden->events[1].leaves[0].pattern), "<int:1..>");
  EXPECT_EQ(to_text(golden->events[1].leaves[1].pattern), "1");
}

TEST(GoldenText, RoundTripLosesNothing) {
  std::vector<Trace> recordings;
  for (int i = 0; i < 5; ++i) {
    recordings.push_back(recording_of(
        {{1,
          "c 1",
          Direction::received,
          "MSG",
          {{"a b", fmt::format("\"{}<\"", nuids[i])}, {"line", "a\nb"}, {"n", std::to_string(i)}}},
         {2, "A", Direction::log, "INF", {{"text", fmt::format("\"Took {}ms\"", i + 1)}}},
         {2,
          "A",
          Direction::state,
          "GET /x",
          {{"t", fmt::format("\"2026-01-0{}T00:00:00Z\"", i + 1)}, {"u", "\"\""}}}}));
    if (i == 3) recordings.back().events[0].leaves.push_back({"late", "null"});
    if (i == 4) recordings.back().events.erase(recordings.back().events.begin() + 1);
  }
  const auto golden = make_golden(recordings);
  ASSERT_TRUE(golden) << golden.error();
  const std::string text = to_text(*golden);
  const auto back = golden_from_text(text);
  ASSERT_TRUE(back) << back.error() << '\n' << text;
  EXPECT_EQ(to_text(*back), text);
  EXPECT_EQ(back->names, golden->names);
  EXPECT_EQ(back->times, golden->times);
  ASSERT_EQ(back->events.size(), golden->events.size());
  for (std::size_t i = 0; i < back->events.size(); ++i) {
    EventSpec event = back->events[i];
    EXPECT_GT(event.line, 0);
    event.line = 0;
    EXPECT_EQ(event, golden->events[i]);
  }
  for (std::size_t size = 0; size < text.size(); ++size) (void)golden_from_text(text.substr(0, size));
}

TEST(GoldenText, ErrorsNameLineAndReason) {
  struct Case {
    const char* lines;
    const char* error;
  };
  const Case cases[] = {
      {"@1 c1 < MSG\n  a = <id:1>\n", "line 3: the pattern says '~name', not '='"},
      {"@1 c1 < MSG\n  a ~name <id:1>\n", "line 2: a label in a is not described"},
      {"@1 c1 < MSG\n  a = <what>\n", "line 3: '<what>' is no part of a pattern"},
      {"@1x c1 < MSG\n", "line 2: '@1x' is not a step"},
      {"name <id:2> port\n", "line 2: '<id:2>' is not the label that belongs here"},
      {"name <id:1> foo\n", "line 2: 'foo' is not the shape of a name"},
      {"time <time:1> soon\n", "line 2: 'soon' is no format of a time"},
      {"order <time:1> <= <time:2>\n", "an order of times that are not described"},
      {"  a = 1\n", "line 2: a leaf before the first event"},
  };
  for (const Case& c : cases) {
    const auto golden = golden_from_text(std::string("natstwin golden 1\n") + c.lines);
    ASSERT_FALSE(golden) << c.lines;
    EXPECT_EQ(golden.error(), c.error);
  }
}

TEST(Recordings, SurvivePacking) {
  const std::vector<Trace> recordings = with_values({"\"natstwin trace 1\"", "2", "3", "4", "5"});
  const auto back = unpack_recordings(pack_recordings(recordings));
  ASSERT_TRUE(back) << back.error();
  ASSERT_EQ(back->size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ((*back)[i].events, recordings[i].events);
  EXPECT_FALSE(unpack_recordings("no gzip"));
  EXPECT_FALSE(unpack_recordings(pack_recordings(recordings).substr(0, 40)));
}

TEST(MaskBudget, CountsEachLeafOnce) {
  std::vector<Trace> recordings;
  for (int i = 0; i < 5; ++i) {
    recordings.push_back(recording_of({{1,
                                        "c1",
                                        Direction::received,
                                        "MSG",
                                        {{"a", "1"},
                                         {"b", fmt::format("\"{}\"", nuids[i])},
                                         {"c", std::to_string(i)},
                                         {"json.cpu", "0"}}}}));
  }
  const LeafCounts counts = count_leaves(*make_golden(recordings));
  EXPECT_EQ(counts.exact, 1u);
  EXPECT_EQ(counts.renamed, 1u);
  EXPECT_EQ(counts.bounded, 1u);
  EXPECT_EQ(counts.free, 1u);
}

}  // namespace natstwin::trace
