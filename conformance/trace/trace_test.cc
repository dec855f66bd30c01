#include "conformance/trace/trace.h"

#include <gtest/gtest.h>

#include "conformance/trace/json_text.h"

namespace natstwin::trace {

namespace {

Trace awkward_trace() {
  return Trace{
      .scenario = "core/odd names",
      .script_hash = "sha256:00",
      .server = "nats-server: v2.15.1",
      .meta = {{"seed", "7"}, {"host load", "two\nlines"}, {"empty", ""}},
      .events = {{0, "A", Direction::lifecycle, "READY", {}},
                 {3, "c 1", Direction::received, "GET /varz?x=\"1\"", {{"json.a b", "\"x\""}, {"", ""}}},
                 {-1, "\"q", Direction::log, "INF", {{"text = ", "a\r\nb\x7f\xff"}, {"n", " 1.50e3 "}}},
                 {4, "c1", Direction::sent, "", {{"payload", "\"\""}}},
                 {4, "c1", Direction::state, "\"quoted\"", {}}}};
}

}  // namespace

TEST(TraceText, RoundTripLosesNothing) {
  const Trace trace = awkward_trace();
  const auto back = from_text(to_text(trace));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->scenario, trace.scenario);
  EXPECT_EQ(back->script_hash, trace.script_hash);
  EXPECT_EQ(back->server, trace.server);
  EXPECT_EQ(back->meta, trace.meta);
  EXPECT_EQ(back->events, trace.events);
}

TEST(TraceText, ErrorsNameLineAndReason) {
  struct Case {
    const char* text;
    const char* error;
  };
  const Case cases[] = {
      {"", "line 1: a trace begins with 'natstwin trace 1'"},
      {"natstwin trace 1\nfoo bar\n", "line 2: 'foo' is not a header of a trace"},
      {"natstwin trace 1\n  a = 1\n", "line 2: a leaf before the first event"},
      {"natstwin trace 1\n@x c1 < INFO\n", "line 2: '@x' is not a step"},
      {"natstwin trace 1\n@1 c1 ? INFO\n", "line 2: the direction of an event is one of < > = ! #"},
      {"natstwin trace 1\n@1 c1 < INFO\n  a 1\n", "line 3: a leaf is 'path = value'"},
      {"natstwin trace 1\n@1 c1 < INFO\n  a =q \"\\x\"\n", "line 3: unknown escape in a string"},
      {"natstwin trace 1\n@1 \"c1 < INFO\n", "line 2: a quote is not closed"},
      {"natstwin trace 1\n@1 c1 < INFO\nscenario x\n", "line 3: neither an event nor a leaf"},
  };
  for (const Case& c : cases) {
    const auto trace = from_text(c.text);
    ASSERT_FALSE(trace) << c.text;
    EXPECT_EQ(trace.error(), c.error);
  }
}

TEST(TraceText, EveryPrefixIsRefusedOrReadWithoutHarm) {
  const std::string text = to_text(awkward_trace());
  for (std::size_t size = 0; size < text.size(); ++size) (void)from_text(text.substr(0, size));
}

TEST(JsonText, BytesSurviveQuoting) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(unquote_bytes(quote_bytes(bytes)), bytes);
}

TEST(JsonText, NumbersFollowTheGrammar) {
  for (const char* good : {"0", "-0", "10", "1.5", "1e9", "-1.25E-3"})
    EXPECT_TRUE(is_json_number(good)) << good;
  for (const char* bad : {"", "-", "01", "1.", ".5", "1e", "+1", "0x1", "1 "})
    EXPECT_FALSE(is_json_number(bad)) << bad;
  EXPECT_FALSE(is_json_integer("1.0"));
  EXPECT_TRUE(is_json_integer("-7"));
}

}  // namespace natstwin::trace
