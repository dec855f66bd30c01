// What nats-server 2.15.1 said, said again by ours.
#include "server/config/recorded_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "server/config/command_line.h"
#include "server/config/memory_files_for_test.h"
#include "server/config/reload_plan.h"

namespace nats::config {
namespace {

std::optional<std::string> environment(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> variables = {
      {"HOME", "/root"},      {"NUM", "5"},     {"STR", "hello"},  {"LIST", "[1 2]"},
      {"LIST2", "[a,b, c ]"}, {"BAD", "\"x"},   {"SELF", "$SELF"}, {"BOOL", "true"},
      {"EMPTY", ""},          {"MAP", "{a:1}"}, {"PATH", "/bin"}};
  auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : std::optional(found->second);
}

MemoryFiles included_files() {
  MemoryFiles files{
      {"inc.conf", "port: 7\n"}, {"auth.conf", "user: a\npassword: b\n"}, {"bad.conf", "a: [\n"}};
  files.put_directory(".");
  return files;
}

// The reference reports errors of maps in random order.
std::multiset<std::string> lines_of(std::string_view text) {
  std::multiset<std::string> out;
  constexpr std::string_view prefix = "nats-server: ";
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
    out.emplace(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

class Recorded : public testing::TestWithParam<const char*> {};

TEST_P(Recorded, TextsGetTheAnswerOfTheReference) {
  RecordedFile file(GetParam());
  ASSERT_TRUE(file.opened());
  int cases = 0;
  while (!file.done()) {
    std::string text = file.take_text('>');
    std::string exit = file.take("exit").value();
    std::string answer = file.take_text('<');
    MemoryFiles files = included_files();
    files.put("a.conf", text);
    std::vector<std::string> arguments = {"-t", "-c", "a.conf"};
    StartPlan plan = plan_start(arguments, files, environment);
    EXPECT_EQ(plan.action, StartPlan::Action::exit) << text;
    EXPECT_EQ(std::to_string(plan.exit_code), exit) << text;
    EXPECT_EQ(lines_of(plan.error_text), lines_of(answer)) << text;
    ++cases;
  }
  EXPECT_GT(cases, 150);
}

INSTANTIATE_TEST_SUITE_P(Files, Recorded, testing::Values("grammar.txt", "options.txt", "blocks.txt"),
                         [](const auto& info) {
                           std::string_view name = info.param;
                           return std::string(name.substr(0, name.find('.')));
                         });

std::string whole_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(RecordedUsage, IsPrintedByteForByte) {
  EXPECT_EQ(usage_text(), whole_file("server/config/testdata/usage.txt"));
}

// "-c" "a.conf"
std::vector<std::string> split_arguments(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string_view::npos; ++at) {
    std::size_t end = text.find('"', at + 1);
    out.emplace_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return out;
}

TEST(RecordedCommandLines, GetTheAnswerOfTheReference) {
  RecordedFile file("command_lines.txt");
  ASSERT_TRUE(file.opened());
  MemoryFiles files;
  files.put_directory("/tmp");
  while (auto name = file.take("file")) files.put(*name, file.take_text('>'));
  int cases = 0;
  while (!file.done()) {
    std::string line = file.take("args").value();
    std::string output = file.take("stdout").value();
    std::string exit = file.take("exit").value();
    std::string answer = file.take_text('<');
    StartPlan plan = plan_start(split_arguments(line), files, environment);
    EXPECT_NE(plan.action, StartPlan::Action::run) << line;
    EXPECT_EQ(std::to_string(plan.exit_code), exit) << line;
    EXPECT_EQ(plan.error_text, answer) << line;
    EXPECT_EQ(plan.output_text, output == "usage"     ? usage_text()
                                : output == "version" ? version_text()
                                                      : "")
        << line;
    ++cases;
  }
  EXPECT_GT(cases, 80);
}

// The lines of the log after a reload.
std::string reload(const std::vector<std::string>& flags, const std::string& before,
                   const std::string& after) {
  constexpr std::string_view common = "listen: \"127.0.0.1:-1\"\n";
  MemoryFiles files;
  files.put("a.conf", std::string(common) + before);
  std::vector<std::string> arguments = {"-c", "a.conf"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  StartPlan plan = plan_start(arguments, files, environment);
  if (plan.action != StartPlan::Action::run) return "does not start: " + plan.error_text;
  files.put("a.conf", std::string(common) + (after.empty() ? "\n" : after));
  constexpr std::string_view failed = "Failed to reload server configuration: ";
  Result<Options> next = options_for_reload(plan.options, plan.flags, files, environment);
  if (!next) return std::string(failed) + next.error().detail + "\n";
  Result<ReloadPlan> changes = plan_reload(plan.options, *next, false);
  if (!changes) return std::string(failed) + changes.error().detail + "\n";
  std::string out;
  for (const OptionChange& change : changes->changes) {
    if (!change.notice.empty()) out += change.notice + "\n";
  }
  return out + "Reloaded server configuration (" + next->config_digest + ")\n";
}

TEST(RecordedReloads, GetTheAnswerOfTheReference) {
  RecordedFile file("reloads.txt");
  ASSERT_TRUE(file.opened());
  int cases = 0;
  while (!file.done()) {
    std::vector<std::string> flags;
    std::string flag_text = file.take("flags").value();
    for (std::size_t at = 0; at < flag_text.size();) {
      std::size_t space = std::min(flag_text.find(' ', at), flag_text.size());
      if (space > at) flags.push_back(flag_text.substr(at, space - at));
      at = space + 1;
    }
    std::string before = file.take_text('>');
    ASSERT_TRUE(file.take("then"));
    std::string after = file.take_text('>');
    ASSERT_TRUE(file.take("shows"));
    std::string answer = file.take_text('<');
    std::string ours = reload(flags, before, after);
    // A list of errors ends in an empty line, which the recording dropped.
    while (ours.ends_with("\n\n")) ours.pop_back();
    EXPECT_EQ(ours, answer) << before << "->\n" << after;
    ++cases;
  }
  EXPECT_GT(cases, 60);
}

}  // namespace
}  // namespace nats::config
