// Files of other hands: whatever stands in them, the parsers and the comparison answer.
#include <gtest/gtest.h>

#include <random>

#include "conformance/trace/compare.h"
#include "conformance/trace/golden.h"
#include "conformance/trace/raw_recordings.h"
#include "conformance/trace/tokens.h"

namespace natstwin::trace {

namespace {

constexpr std::string_view trace_text =
    "natstwin trace 1\nscenario core/x\nscript sha256:1\nserver nats-server: v2.15.1\nmeta seed 1\n"
    "@1 c1 < INFO\n  json.server_id = \"NABC\"\n  json.port = 4222\n"
    "@2 A = GET /connz\n  json.connections[0].cid = 5\n  json.connections[1].cid = 6\n  json.now = "
    "\"2026-11-24T10:00:00.5Z\"\n"
    "@3/1 c1 < MSG\n  payload =q \"\\u0000<any>\"\n@4 A # INF\n  text = \"Took 1.5ms\"\n";

constexpr std::string_view golden_text =
    "natstwin golden 1\nscenario core/x\nscript sha256:1\nreference nats-server: v2.15.1\nrecording seed=1\n"
    "name <id:1> N[A-Z2-7]{3,55}\nname <id:2> port\ntime <time:1> rfc3339-nanos Z in-run\norder <time:1> <= "
    "<time:1>\n"
    "@1 c1 < INFO\n  json.server_id ~name \"<id:1>\"\n  json.port ~name <id:2>\n"
    "@2 A = GET /connz\n  json.connections ~set\n  json.connections[0].cid = 5\n  json.connections[1].cid "
    "~bounds <int:1..9>\n"
    "  json.now ?~time \"<time:1>\"\n@3/1 c1 < MSG\n  payload ~free:q \"\\u0000<any><any>\"\n"
    "@4~/2? A # INF\n  text ~duration \"Took <duration>\"\n";

std::string damaged(std::string_view text, std::mt19937& random) {
  constexpr std::string_view spice = "@<>=!#~?\"\\[]{}.:/ \n0189aZ\x80\xff";
  std::string out(text);
  const auto times = 1 + random() % 4;
  for (unsigned i = 0; i < times; ++i) {
    const std::size_t at = random() % out.size();
    switch (random() % 4) {
      case 0:
        out[at] = spice[random() % spice.size()];
        break;
      case 1:
        out.erase(at, 1 + random() % 8);
        break;
      case 2:
        out.insert(at, 1, spice[random() % spice.size()]);
        break;
      default:
        out.insert(at, out.substr(random() % out.size(), random() % 40));
    }
    if (out.empty()) out = "x";
  }
  return out;
}

}  // namespace

TEST(Damage, TextsAreReadOrRefused) {
  std::mt19937 random(7);
  const auto whole_golden = golden_from_text(golden_text);
  ASSERT_TRUE(whole_golden) << whole_golden.error();
  const auto whole_trace = from_text(trace_text.substr(0, trace_text.find("@3")));
  ASSERT_TRUE(whole_trace) << whole_trace.error();
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto golden = golden_from_text(damaged(golden_text, random));
    const auto trace = from_text(damaged(trace_text, random));
    if (trace) {
      EXPECT_EQ(from_text(to_text(*trace))->events, trace->events);
      (void)compare(*whole_golden, *trace);
      (void)make_golden(std::vector<Trace>(recordings_min, *trace));
    }
    if (golden) (void)compare(*golden, *whole_trace);
    read += golden.has_value() + trace.has_value();
  }
  EXPECT_GT(read, 1000u);  // else the damage is too great to tell anything
}

TEST(Damage, PackedRecordingsAreReadOrRefused) {
  std::mt19937 random(7);
  const std::string packed = pack_recordings(std::vector<Trace>(5, Trace{.scenario = "core/x"}));
  for (int i = 0; i < 2'000; ++i) (void)unpack_recordings(damaged(packed, random));
}

TEST(Damage, TokensCoverEveryByte) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = "0129.:-+TZsmhµ\\u\"Gaz _"[random() % 24];
    std::string again;
    for (const Token& token : tokenize(text)) again += token.text;
    ASSERT_EQ(again, text);
  }
}

}  // namespace natstwin::trace
