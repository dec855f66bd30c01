#include "conformance/runner/names.h"

#include <gtest/gtest.h>

#include <set>

#include "conformance/runner/batch.h"
#include "conformance/runner/log_line.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {
namespace {

TEST(Names, NumbersAreReplacedOnlyWhereTheyStandAlone) {
  Names names;
  names.add_number(20345, "${p}");
  names.add_text("/tmp/x", "${dir}");
  names.add_text("/tmp/x/A", "${A.dir}");
  const std::pair<const char*, const char*> table[] = {
      {"127.0.0.1:20345", "127.0.0.1:${p}"},
      {"20345", "${p}"},
      {"203451 120345 a20345 20345b _20345", "203451 120345 a20345 20345b _20345"},
      {"0.20345", "0.20345"},
      {"/tmp/x/A/file /tmp/x/tool", "${A.dir}/file ${dir}/tool"},
      {"20345 20345", "${p} ${p}"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(names.replace(text), expected);
}

TEST(LogLine, SeparatesLevelPrefixAndText) {
  const LogLine line = parse_log_line("[123] 2026/11/24 17:28:43.186144 [INF] Starting [x] nats-server");
  EXPECT_EQ(line.level, "INF");
  EXPECT_EQ(line.prefix, "[pid] dddd/dd/dd dd:dd:dd.dddddd ");
  EXPECT_EQ(line.text, "Starting [x] nats-server");
  EXPECT_EQ(parse_log_line("[7] [ERR] text").prefix, "[pid] ");
  EXPECT_EQ(parse_log_line("plain [text] here").level, "");
  EXPECT_EQ(parse_log_line("").text, "");
}

TEST(LogLine, OutputOfProgramsIsALeafForEachLine) {
  std::vector<trace::Leaf> leaves;
  append_output("one\n[5] 2026/01/01 00:00:00 [FTL] two\nopen", "out", leaves);
  ASSERT_EQ(leaves.size(), 4u);
  EXPECT_EQ(leaves[1].value, "\"[pid] dddd/dd/dd dd:dd:dd [FTL] two\"");
  EXPECT_EQ(leaves[3].path, "out#open");
}

TEST(Shards, TogetherAreEverythingOnce) {
  std::vector<script::Script> scripts;
  for (int i = 0; i < 20; ++i) {
    auto script = script::parse(
        "scenario a/s" + std::to_string(i) + "\nserver A\nwait " + std::to_string(i * 100) + "ms\n", "");
    ASSERT_TRUE(script);
    scripts.push_back(std::move(*script));
  }
  std::set<std::string> seen;
  for (int shard = 1; shard <= 3; ++shard) {
    long cost = 0;
    for (const auto& script : take_shard(scripts, {shard, 3})) {
      EXPECT_TRUE(seen.insert(script.name).second);
      cost += cost_of(script);
    }
    EXPECT_NEAR(static_cast<double>(cost), (19 * 20 / 2 * 100 + 20 * 210) / 3.0, 1000);
  }
  EXPECT_EQ(seen.size(), 20u);
  EXPECT_TRUE(parse_shard("2/3"));
  for (const char* wrong : {"0/3", "4/3", "1", "a/b", "1/3x"}) EXPECT_FALSE(parse_shard(wrong)) << wrong;
}

}  // namespace
}  // namespace natstwin::runner
