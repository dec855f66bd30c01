#include "server/app/send_signal.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace nats::app {
namespace {

// Servers 12, 123 and 7 run, this process is 5.
class Machine final : public sys::Process {
 public:
  std::vector<int> running{5, 7, 12, 123};
  std::vector<std::pair<int, sys::Signal>> sent;

  int pid() const override { return 5; }
  int cores() const override { return 1; }
  std::string executable_name() const override { return "nats-server"; }
  std::string invocation_name() const override { return "nats-server"; }
  std::string working_directory() const override { return "/"; }
  std::string host_name() const override { return "host"; }
  std::optional<std::string> environment(std::string_view) const override { return {}; }
  std::vector<std::string> interface_addresses() const override { return {}; }
  sys::ResourceUse resource_use() const override { return {}; }
  std::uint64_t memory_total_bytes() const override { return 0; }
  std::vector<int> pids_of_programs(std::string_view) const override { return running; }
  Result<void> send_signal(int pid, sys::Signal signal) override {
    if (pid == 9) return fail(ErrorCode::not_found, "no such process");
    sent.emplace_back(pid, signal);
    return {};
  }
};

std::string error_of(Machine& machine, std::string command, std::string process) {
  const Result<void> result = send_signal(machine, {std::move(command), std::move(process)});
  return result ? "" : result.error().detail;
}

TEST(SendSignal, ReachesOnePid) {
  Machine machine;
  EXPECT_EQ(error_of(machine, "quit", "77"), "");
  EXPECT_EQ(machine.sent, (std::vector<std::pair<int, sys::Signal>>{{77, sys::Signal::interrupt}}));
  EXPECT_EQ(error_of(machine, "stop", "9"), "\nsignal \"stop\" 9: no such process");
}

TEST(SendSignal, ReachesWhoeverRunsIfThatIsOne) {
  Machine machine;
  EXPECT_EQ(error_of(machine, "quit", ""), "multiple nats-server processes running:\n7\n12\n123");
  machine.running = {5, 12};
  EXPECT_EQ(error_of(machine, "ldm", ""), "");
  EXPECT_EQ(machine.sent, (std::vector<std::pair<int, sys::Signal>>{{12, sys::Signal::user2}}));
  machine.running = {5};
  EXPECT_EQ(error_of(machine, "bogus", ""), "no nats-server processes running");
}

TEST(SendSignal, ReachesThoseWhosePidsBeginSo) {
  Machine machine;
  EXPECT_EQ(error_of(machine, "reload", "12*"), "");
  EXPECT_EQ(machine.sent, (std::vector<std::pair<int, sys::Signal>>{{12, sys::Signal::hangup},
                                                                    {123, sys::Signal::hangup}}));
  machine.sent.clear();
  EXPECT_EQ(error_of(machine, "term", "*"), "");
  EXPECT_EQ(machine.sent.size(), 3u);
}

TEST(SendSignal, RefusesWhatIsNoPidAndNoCommand) {
  Machine machine;
  EXPECT_EQ(error_of(machine, "quit", "12x"), "invalid pid: 12x");
  EXPECT_EQ(error_of(machine, "quit", "x*"), "invalid pid: x");
  EXPECT_EQ(error_of(machine, "bogus", "7"), "unknown signal \"bogus\"");
}

}  // namespace
}  // namespace nats::app
