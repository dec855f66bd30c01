#include "server/app/log_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/app/log_text.h"
#include "server/app/memory_files_for_test.h"
#include "server/base/check.h"

namespace nats::app {
namespace {

// A machine with a terminal, a disk and a clock; it has no loops and no network.
class Machine final : public sys::Ground, private sys::Console, private sys::Process {
 public:
  MemoryFiles disk;
  std::string terminal;
  bool is_terminal = false;
  // 2026-11-24 17:49:59.893898765 UTC; two hours more on the wall.
  WallTime now_utc{1'795'542'599'893'898'765};

  sys::Files& files() override { return disk; }
  sys::Console& console() override { return *this; }
  sys::Process& process() override { return *this; }
  WallTime wall_now() const override { return now_utc; }
  Duration utc_offset(WallTime) const override { return Duration::from_seconds(7200); }

  int loop_count() const override { return 0; }
  sys::Loop& loop(int) override { unused(); }
  Result<std::unique_ptr<sys::Listener>> listen(const sys::Endpoint&, sys::Loop&,
                                                sys::AcceptHandler&) override {
    unused();
  }
  void connect(const sys::Endpoint&, sys::Loop&, Duration,
               std::move_only_function<void(Result<std::unique_ptr<sys::Stream>>)>) override {
    unused();
  }
  sys::Entropy& entropy() override { unused(); }
  sys::WorkerPool& workers() override { unused(); }
  Result<std::unique_ptr<sys::MessageSender>> connect_message_sender(sys::MessageTransport,
                                                                     const std::string&) override {
    return fail(ErrorCode::unsupported);
  }
  sys::Tls* tls() override { return nullptr; }
  sys::Diagnostics* diagnostics() override { return nullptr; }
  Instant now() const override { return {}; }
  void handle_signals(sys::SignalHandler&) override { unused(); }

 private:
  [[noreturn]] static void unused() { check_failed("not used by a log", __FILE__, __LINE__); }

  void write_out(std::string_view) override { unused(); }
  void write_error(std::string_view text) override { terminal += text; }
  bool error_is_terminal() const override { return is_terminal; }

  int pid() const override { return 8360; }
  int cores() const override { return 1; }
  std::string executable_name() const override { return "nats-server"; }
  std::string invocation_name() const override { return "nats-server"; }
  std::string working_directory() const override { return "/"; }
  std::string host_name() const override { return "host"; }
  std::vector<int> pids_of_programs(std::string_view) const override { return {}; }
  Result<void> send_signal(int, sys::Signal) override { return {}; }
  std::optional<std::string> environment(std::string_view) const override { return {}; }
  std::vector<std::string> interface_addresses() const override { return {}; }
  sys::ResourceUse resource_use() const override { return {}; }
  std::uint64_t memory_total_bytes() const override { return 0; }
};

class LogTest : public testing::Test {
 protected:
  LogWriter& open(LogSettings settings) {
    auto opened = LogWriter::open(machine, std::move(settings));
    EXPECT_TRUE(opened);
    log = std::move(*opened);
    return *log;
  }
  // A file without times, so that lines have a length one can count.
  LogWriter& open_file(std::int64_t size_limit = 0, std::int64_t files_max = 0) {
    return open({.time = false, .file = "x.log", .size_limit = size_limit, .files_max = files_max});
  }
  void pass(std::int64_t nanoseconds) { machine.now_utc = machine.now_utc + Duration{nanoseconds}; }

  Machine machine;
  std::unique_ptr<LogWriter> log;
};

TEST_F(LogTest, LineHasPidTimeLevelAndMessage) {
  open({}).info("Starting {}", "nats-server");
  EXPECT_EQ(machine.terminal, "[8360] 2026/11/24 19:49:59.893898 [INF] Starting nats-server\n");
}

TEST_F(LogTest, TimeMayBeUtcOrMissing) {
  open({.utc = true}).warning("a");
  open({.time = false}).error("b");
  open({.time = false, .utc = true}).fatal("c");
  EXPECT_EQ(machine.terminal,
            "[8360] 2026/11/24 17:49:59.893898 [WRN] a\n"
            "[8360] [ERR] b\n"
            "[8360] [FTL] c\n");
}

TEST_F(LogTest, DebugAndTraceAreWrittenWhenTheyAreOn) {
  LogWriter& log = open({.time = false});
  log.debug("no");
  log.trace("no");
  log.set_levels(true, true);
  log.debug("a");
  log.trace("b");
  EXPECT_EQ(machine.terminal, "[8360] [DBG] a\n[8360] [TRC] b\n");
}

TEST_F(LogTest, LineEndOfTheMessageIsNotDoubled) {
  open({.time = false}).info("two\nlines\n");
  EXPECT_EQ(machine.terminal, "[8360] [INF] two\nlines\n");
}

TEST_F(LogTest, TerminalShowsLevelsInColour) {
  machine.is_terminal = true;
  LogWriter& log = open({.time = false});
  log.set_levels(true, true);
  log.info("i");
  log.warning("w");
  log.error("e");
  log.fatal("f");
  log.debug("d");
  log.trace("t");
  EXPECT_EQ(machine.terminal,
            "[8360] [\x1b[32mINF\x1b[0m] i\n"
            "[8360] [\x1b[0;93mWRN\x1b[0m] w\n"
            "[8360] [\x1b[31mERR\x1b[0m] e\n"
            "[8360] [\x1b[31mFTL\x1b[0m] f\n"
            "[8360] [\x1b[36mDBG\x1b[0m] d\n"
            "[8360] [\x1b[33mTRC\x1b[0m] t\n");
}

TEST_F(LogTest, FileIsAppendedToWithoutColour) {
  machine.is_terminal = true;
  open_file().info("one");
  open_file().info("two");
  EXPECT_EQ(machine.disk.text("x.log"), "[8360] [INF] one\n[8360] [INF] two\n");
  EXPECT_EQ(machine.disk.mode_of_last_made, 0640u);
  EXPECT_EQ(machine.terminal, "");
}

TEST_F(LogTest, FileThatCannotBeOpenedIsAnError) {
  machine.disk.opens_fail = true;
  auto opened = LogWriter::open(machine, {.file = "/none/x.log"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(LogWriter::open_failure_line(machine, opened.error()),
            "2026/11/24 19:49:59 error opening file: open /none/x.log: no such file or directory\n");
}

TEST_F(LogTest, FilePastItsLimitIsRotated) {
  LogWriter& log = open_file(40);
  log.info("0123456789");
  log.info("0123456789");
  EXPECT_EQ(machine.disk.names(), (std::vector<std::string>{"x.log", "x.log.2026.11.24.19.49.59.893898765"}));
  EXPECT_EQ(machine.disk.text("x.log.2026.11.24.19.49.59.893898765"),
            "[8360] [INF] 0123456789\n[8360] [INF] 0123456789\n");
  EXPECT_EQ(machine.disk.text("x.log"),
            "[8360] [INF] Rotated log, backup saved as \"x.log.2026.11.24.19.49.59.893898765\"\r\n");
}

TEST_F(LogTest, FileOfExactlyTheLimitIsKept) {
  LogWriter& log = open_file(48);
  log.info("0123456789");
  log.info("0123456789");
  EXPECT_EQ(machine.disk.names().size(), 1u);
}

TEST_F(LogTest, LinesAboutRotationShowLocalTime) {
  LogWriter& log = open({.utc = true, .file = "x.log", .size_limit = 10});
  log.info("a");
  EXPECT_EQ(machine.disk.text("x.log"),
            "[8360] 2026/11/24 19:49:59.893898 [INF] Rotated log, backup saved as "
            "\"x.log.2026.11.24.19.49.59.893898765\"\r\n");
}

TEST_F(LogTest, OnlySoManyFilesAreKept) {
  machine.disk.texts["x.log.2020.01.02.03.04.05.000000001"] = std::make_shared<std::string>();
  machine.disk.texts["x.log.2021.01.02.03.04.05.000000001"] = std::make_shared<std::string>();
  machine.disk.texts["x.log.2021.13.02.03.04.05.000000001"] = std::make_shared<std::string>();
  machine.disk.texts["x.log.old"] = std::make_shared<std::string>();
  machine.disk.texts["x.logs"] = std::make_shared<std::string>();
  open_file(20, 2).info("0123456789");
  EXPECT_EQ(machine.disk.names(),
            (std::vector<std::string>{"x.log", "x.log.2021.13.02.03.04.05.000000001",
                                      "x.log.2026.11.24.19.49.59.893898765", "x.log.old", "x.logs"}));
  EXPECT_EQ(machine.disk.text("x.log"),
            "[8360] [INF] Rotated log, backup saved as \"x.log.2026.11.24.19.49.59.893898765\"\r\n"
            "[8360] [INF] Purged log file \"x.log.2020.01.02.03.04.05.000000001\"\r\n"
            "[8360] [INF] Purged log file \"x.log.2021.01.02.03.04.05.000000001\"\r\n");
}

TEST_F(LogTest, LargeFileIsRotatedWhenOpened) {
  machine.disk.texts["x.log"] = std::make_shared<std::string>(2000, 'z');
  open_file(1500).info("next");
  EXPECT_TRUE(machine.disk.text("x.log.2026.11.24.19.49.59.893898765")
                  .ends_with("z[8360] [INF] Rotating logfile...\n"));
  EXPECT_TRUE(machine.disk.text("x.log").ends_with("\"\r\n[8360] [INF] next\n"));
}

TEST_F(LogTest, ReopenStartsTheFileAnewAndForgetsHowManyToKeep) {
  LogWriter& log = open_file(60, 1);
  log.info("before");
  EXPECT_TRUE(machine.disk.rename("x.log", "moved"));
  log.info("still");
  EXPECT_TRUE(log.reopen());
  EXPECT_EQ(machine.disk.text("moved"), "[8360] [INF] before\n[8360] [INF] still\n");
  EXPECT_EQ(machine.disk.text("x.log"), "[8360] [INF] File log re-opened\n");
  for (int i = 0; i < 20; ++i) {
    log.info("0123456789");
    pass(1000);
  }
  EXPECT_GT(machine.disk.names().size(), 3u);
}

TEST_F(LogTest, ReopenWithoutAFileIsIgnored) {
  LogWriter& log = open({.time = false});
  EXPECT_TRUE(log.reopen());
  EXPECT_EQ(machine.terminal, "[8360] [INF] File log re-open ignored, not a file logger\n");
}

TEST_F(LogTest, ReconfiguringMovesBetweenTerminalAndFile) {
  LogWriter& log = open({.time = false});
  EXPECT_TRUE(log.reconfigure({.time = false, .file = "x.log"}));
  log.info("a");
  EXPECT_TRUE(log.reconfigure({.time = false}));
  log.info("b");
  EXPECT_EQ(machine.disk.text("x.log"), "[8360] [INF] a\n");
  EXPECT_EQ(machine.terminal, "[8360] [INF] b\n");
  machine.disk.opens_fail = true;
  EXPECT_FALSE(log.reconfigure({.file = "y.log"}));
  log.info("c");
  EXPECT_EQ(machine.terminal, "[8360] [INF] b\n[8360] [INF] c\n");
}

TEST_F(LogTest, RotationThatCannotOpenTheNewFileIsPutOff) {
  LogWriter& log = open_file(30);
  machine.disk.opens_fail = true;
  log.info("0123456789");
  log.info("0123456789");
  EXPECT_EQ(machine.disk.text("x.log.2026.11.24.19.49.59.893898765"),
            "[8360] [INF] 0123456789\n[8360] [INF] 0123456789\n"
            "[8360] [ERR] Unable to rotate the logfile (open x.log: no such file or directory), will attempt "
            "next rotation at size 60\r\n");
  machine.disk.opens_fail = false;
  log.info("0123456789");
  EXPECT_EQ(machine.disk.names().size(), 2u);
}

TEST_F(LogTest, FileThatWasRemovedComesBackWhenItIsRotated) {
  LogWriter& log = open_file(30);
  EXPECT_TRUE(machine.disk.remove("x.log"));
  log.info("0123456789");
  log.info("0123456789");
  EXPECT_EQ(machine.disk.text("x.log"),
            "[8360] [INF] Rotated log, backup saved as \"x.log.2026.11.24.19.49.59.893898765\"\r\n");
}

TEST_F(LogTest, FileThatMayNotBeRenamedGoesOn) {
  LogWriter& log = open_file(30);
  machine.disk.renames_fail = true;
  log.info("0123456789");
  log.info("0123456789");
  EXPECT_EQ(machine.disk.text("x.log"),
            "[8360] [INF] 0123456789\n[8360] [INF] 0123456789\n"
            "[8360] [INF] Rotated log, backup saved as \"x.log.2026.11.24.19.49.59.893898765\"\r\n");
}

TEST_F(LogTest, PurgeThatFailsSaysSo) {
  LogWriter& log = open_file(20, 1);
  machine.disk.removes_fail = true;
  log.info("0123456789");
  EXPECT_TRUE(
      machine.disk.text("x.log").ends_with("[8360] [ERR] Unable to remove backup log file "
                                           "\"x.log.2026.11.24.19.49.59.893898765\" (remove: permission "
                                           "denied), will attempt next rotation\r\n"));
  machine.disk.lists_fail = true;
  pass(1);
  log.info("0123456789");
  EXPECT_TRUE(
      machine.disk.text("x.log").ends_with("[8360] [ERR] Unable to read directory \".\" for log purge (open "
                                           ".: permission denied), will attempt next "
                                           "rotation\r\n"));
}

TEST_F(LogTest, FullDiskIsReportedOnceOnTheTerminal) {
  LogWriter& log = open_file();
  machine.disk.appends_fail = true;
  log.info("a");
  log.info("b");
  EXPECT_EQ(machine.terminal,
            "[8360] Unable to write to the log file: write x.log: no space left on device\n");
}

TEST(RotationStamp, IsWhatThePurgeTakesForOne) {
  for (const char* stamp : {"2026.11.24.19.49.59.893898765", "2026.11.24.19.49.59", "2026.11.24.9.49.59.1",
                            "2024.02.29.00.00.00.000000000", "2026.11.24.19.49.59,5", "0000.01.01.00.00.00"})
    EXPECT_TRUE(is_rotation_stamp(stamp)) << stamp;
  for (const char* stamp :
       {"", "old", "2026.13.24.19.49.59", "2026.02.29.19.49.59", "2026.11.24.24.49.59", "2026.11.24.19.60.59",
        "2026.11.24.19.49.60", "2026.11.24.19.49.59.", "2026.11.24", "2026.11.24.19.49.59.1x",
        "26.11.24.19.49.59", "2026.1.24.19.49.59"})
    EXPECT_FALSE(is_rotation_stamp(stamp)) << stamp;
}

TEST(LogTime, IsRightOnBothSidesOfTheEpoch) {
  EXPECT_EQ(log_time({0}), "1970/01/01 00:00:00.000000");
  EXPECT_EQ(log_time({-1}), "1969/12/31 23:59:59.999999");
  EXPECT_EQ(log_time({951'782'400'000'001'000}), "2000/02/29 00:00:00.000001");
}

}  // namespace
}  // namespace nats::app
