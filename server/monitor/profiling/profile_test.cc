#include "server/monitor/profiling/profile.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/gzip.h"
#include "server/monitor/profiling/expvar.h"
#include "server/monitor/profiling/profile_kinds.h"
#include "server/monitor/profiling/profile_pages.h"

namespace nats::monitor {
namespace {

// A program of two functions and three threads.
class FakeDiagnostics final : public sys::Diagnostics {
 public:
  std::vector<sys::ThreadStack> threads() override {
    return {{7, "main", 'R', true, {0x1010, 0x2021}},
            {8, "loop", 'S', false, {0x1020, 0x2021}},
            {9, "loop", 'S', false, {0x1020, 0x2021}}};
  }
  sys::CodePlace place(sys::CodeAddress address) override {
    if (address >= 0x2000) return {"main", 0x2000, "main.cc", 12};
    return {"wait(int)", 0x1000, "wait.cc", 3};
  }
  std::vector<sys::CodeMapping> mappings() override { return {{0x1000, 0x3000, 0x400, "/bin/x"}}; }
  Result<void> start_cpu_profile() override { return {}; }
  sys::CpuProfile stop_cpu_profile() override { return {}; }
  sys::MemoryUse memory() override { return {1000, 900, 700, 200, 50, 2, 100, 8}; }
};

// Fields of a protocol buffers message: numbers as text, other fields as they are.
std::multimap<int, std::string> fields(std::string_view bytes) {
  std::multimap<int, std::string> out;
  auto varint = [&bytes] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto octet = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      value |= std::uint64_t{octet & 0x7fu} << shift;
      if (octet < 0x80) return value;
    }
  };
  while (!bytes.empty()) {
    const std::uint64_t tag = varint();
    const std::uint64_t value = varint();
    if ((tag & 7) == 0) {
      out.emplace(static_cast<int>(tag >> 3), std::to_string(value));
    } else {
      out.emplace(static_cast<int>(tag >> 3), bytes.substr(0, value));
      bytes.remove_prefix(value);
    }
  }
  return out;
}

std::string field(const std::multimap<int, std::string>& all, int number) {
  const auto at = all.find(number);
  return at == all.end() ? "" : at->second;
}

TEST(Profile, CountsEqualStacksOnce) {
  FakeDiagnostics diagnostics;
  const Profile profile = find_profile_kind("goroutine")->collect(diagnostics);
  EXPECT_EQ(profile.samples.size(), 2u);
  EXPECT_EQ(profile.total(), 3);
}

TEST(Profile, IsEncodedAsPprofReadsIt) {
  FakeDiagnostics diagnostics;
  const auto all =
      fields(encode_profile_message(find_profile_kind("goroutine")->collect(diagnostics), diagnostics));
  std::vector<std::string> strings;
  for (auto [at, end] = all.equal_range(6); at != end; ++at) strings.push_back(at->second);
  EXPECT_EQ(strings.front(), "");
  EXPECT_EQ(all.count(2), 2u);  // samples
  EXPECT_EQ(all.count(4), 3u);  // locations
  EXPECT_EQ(all.count(5), 2u);  // functions
  const auto type = fields(field(all, 1));
  EXPECT_EQ(strings.at(std::stoul(field(type, 1))), "goroutine");
  EXPECT_EQ(strings.at(std::stoul(field(type, 2))), "count");
  const auto sample = fields(field(all, 2));
  EXPECT_EQ(field(sample, 1), std::string("\x01\x02"));
  EXPECT_EQ(field(sample, 2), std::string("\x01"));
  const auto function = fields(field(all, 5));
  EXPECT_EQ(strings.at(std::stoul(field(function, 2))), "wait(int)");
  EXPECT_EQ(strings.at(std::stoul(field(function, 4))), "wait.cc");
  const auto mapping = fields(field(all, 3));
  EXPECT_EQ(field(mapping, 3), std::to_string(0x3000));
  EXPECT_EQ(strings.at(std::stoul(field(mapping, 5))), "/bin/x");
}

TEST(Profile, DifferenceLeavesOutWhatDidNotChange) {
  Profile earlier{{{"goroutine", "count"}}, {}, 1, {10}, {}, {{{1}, {2}}, {{2}, {1}}}};
  Profile later{{{"goroutine", "count"}}, {}, 1, {25}, {}, {{{1}, {2}}, {{3}, {4}}}};
  const Profile change = difference(earlier, later);
  const std::map<sys::CodeStack, std::vector<std::int64_t>> wanted{{{2}, {-1}}, {{3}, {4}}};
  EXPECT_EQ(change.samples, wanted);
  EXPECT_EQ(change.duration.ns, 15);
}

TEST(Profile, ShowsThreadsAsGoShowsGoroutines) {
  FakeDiagnostics diagnostics;
  EXPECT_EQ(thread_stacks_text(diagnostics).substr(0, 80),
            "goroutine 7 [running]:\nwait(int)(...)\n\twait.cc:3 +0x10\nmain(...)\n\tmain.cc:12 +0x");
  const std::string counted = find_profile_kind("goroutine")->text(diagnostics, 1);
  EXPECT_TRUE(
      counted.starts_with("goroutine profile: total 3\n2 @ 0x1020 0x2021\n#\t0x1020\twait(int)+0x20"));
}

TEST(Profile, NamesWhatAddressesMean) {
  FakeDiagnostics diagnostics;
  EXPECT_EQ(symbol_answer(diagnostics, "").body, "num_symbols: 1\n");
  EXPECT_EQ(symbol_answer(diagnostics, "0x2001+x+4097+0").body,
            "num_symbols: 1\n0x2001 main\n0x1001 wait(int)\n");
}

TEST(Profile, TellsVariables) {
  FakeDiagnostics diagnostics;
  const std::string text = expvars(diagnostics, {"nats-server", "-p", "<1>"});
  EXPECT_TRUE(text.starts_with(
      "{\n\"cmdline\": [\"nats-server\",\"-p\",\"\\u003c1\\u003e\"],\n\"memstats\": {\"Alloc\":700,"));
  EXPECT_TRUE(text.ends_with("}\n}\n"));
}

TEST(Profile, GzipHasItsHeader) { EXPECT_TRUE(gzip("text").starts_with("\x1f\x8b\x08")); }

}  // namespace
}  // namespace nats::monitor
