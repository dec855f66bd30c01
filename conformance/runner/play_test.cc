#include "conformance/runner/play.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "conformance/agent/local_agent.h"
#include "conformance/trace/compare.h"
#include "conformance/trace/golden.h"

namespace natstwin::runner {
namespace {

class Play : public testing::Test {
 protected:
  Played play(const std::string& body, std::uint64_t seed = 1) {
    const auto script = script::parse("scenario test/x\n" + body, "");
    if (!script) {
      ADD_FAILURE() << script.error().front().line << ": " << script.error().front().reason;
      return {};
    }
    PlayOptions options;
    options.binary = FAKE_SERVER;
    options.seed = seed;
    options.tap = tap_;
    auto played = runner::play(*script, options, *agent_);
    if (!played) {
      ADD_FAILURE() << played.error();
      return {};
    }
    return std::move(*played);
  }

  static std::string show(const Played& played) {
    std::string text;
    for (const trace::Event& event : played.trace.events) {
      text += event.actor + " " + static_cast<char>(event.direction) + " " + event.frame + "\n";
    }
    return text;
  }

  std::unique_ptr<agent::Agent> agent_ = agent::make_local_agent();
  TapFactory tap_;
};

// The fake server's behaviour, and no monitoring port: it has none.
std::string server(const std::string& fake) { return "server A\n  monitor off\n  env FAKE=" + fake + "\n"; }

TEST_F(Play, RecordsWhatEachStepTookAndThenTheEnd) {
  const Played played =
      play(server("") + "client c to A\n  recv INFO\n  send PUB foo * \"x\"\n  recv MSG\nc sync\n");
  EXPECT_EQ(played.outcome, Outcome::completed) << played.reason;
  EXPECT_EQ(show(played),
            "A ! START\nA ! READY\nc ! OPEN\nc < INFO\nc > send\nc < MSG\nc > send\nc < MSG\nc < PONG\n"
            "A ! EXIT\nA # INF\nA # INF\nA # INF\n");
}

TEST_F(Play, PortsAndDirectoriesStandUnderTheirNames) {
  const Played played = play(server("") + "client c to A\n  recv INFO\nexec A --version\n");
  const trace::Event& info = played.trace.events[3];
  EXPECT_EQ(info.leaves[1].path, "json.port");
  EXPECT_EQ(info.leaves[1].value, "${A.port}");
  EXPECT_EQ(played.trace.events[7].leaves[0].value, "\"Listening on 127.0.0.1:${A.port}\"");
}

TEST_F(Play, TwoRunsWithDifferentPortsTellTheSame) {
  const std::string body = server("") + "client c to A\n  connect\n  send PUB a 0\n  recv MSG x2\nreload A\n";
  const auto golden = trace::make_provisional_golden(play(body, 1).trace);
  ASSERT_TRUE(golden) << golden.error();
  const auto verdict = trace::compare(*golden, play(body, 2).trace);
  EXPECT_TRUE(verdict.differences.empty()) << line_of(verdict.differences.front());
}

TEST_F(Play, AFrameThatNeverComesIsATimeout) {
  const Played played =
      play(server("mute") + "timeout 200ms\nclient c to A\n  recv INFO\n  sync\n  send PUB a 0\n");
  EXPECT_EQ(played.outcome, Outcome::timeout);
  EXPECT_EQ(played.reason, "c waits for PONG");
  EXPECT_EQ(show(played),
            "A ! START\nA ! READY\nc ! OPEN\nc < INFO\nc > send\nc ! TIMEOUT\nA ! EXIT\nA # INF\nA # INF\nA "
            "# INF\n");
}

TEST_F(Play, AConnectionThatClosesEndsTheWait) {
  const Played closed = play(server("") + "client c to A\n  recv INFO\n  send BYE\n  recv CLOSED\n");
  EXPECT_EQ(closed.outcome, Outcome::completed) << closed.reason;
  const Played waiting = play(server("") + "client c to A\n  recv INFO\n  send BYE\n  recv PONG\n");
  EXPECT_EQ(waiting.outcome, Outcome::timeout);
  EXPECT_EQ(waiting.reason, "c was closed while it waits for PONG");
}

TEST_F(Play, AServerThatDiesIsACrash) {
  const Played played = play(server("crash") + "client c to A\n  recv INFO\n  send PUB a 0\n  recv MSG\n");
  EXPECT_EQ(played.outcome, Outcome::crash);
  EXPECT_EQ(played.reason, "server A died by signal 6");
}

TEST_F(Play, AServerThatCannotIsUnsupported) {
  const Played played = play(server("unsupported") + "client c to A\n  recv INFO\n");
  EXPECT_EQ(played.outcome, Outcome::unsupported);
}

TEST_F(Play, AServerThatDoesNotStartIsAnEvent) {
  const Played played = play(server("refuse") + "exec A --version\n");
  EXPECT_EQ(played.outcome, Outcome::completed) << played.reason;
  EXPECT_EQ(show(played), "A ! START\nA ! EXIT\nA > exec\nA ! EXEC\nA # FTL\n");
}

TEST_F(Play, AServerWithoutALogIsReadyWhenItListens) {
  const Played played = play(server("quiet") + "client c to A\n  recv INFO\n");
  EXPECT_EQ(played.outcome, Outcome::completed) << played.reason;
}

TEST_F(Play, WhatIsMissingHereMakesAScenarioNotRun) {
  const Played played = play("needs no-such-tool-at-all\n" + server(""));
  EXPECT_EQ(played.outcome, Outcome::not_run);
  EXPECT_EQ(played.reason, "needs no-such-tool-at-all");
}

TEST_F(Play, ATapStandsBetweenClientAndServer) {
  struct Swap final : ByteTap {
    std::string on_server(std::string_view bytes) override {
      return bytes.starts_with("MSG") ? "PONG\r\n" : std::string(bytes);
    }
  };
  tap_ = [](std::string_view) { return std::make_unique<Swap>(); };
  const Played played =
      play(server("") + "client c to A\n  recv INFO\n  send PUB foo * \"x\"\n  recv PONG\n");
  EXPECT_EQ(played.outcome, Outcome::completed) << played.reason;
}

TEST_F(Play, VariablesFollowWhatServersSaid) {
  const Played played =
      play(server("") +
           "client c to A\n  recv INFO\n  let id = INFO.client_id\nlet twice = ${id}${c.client_id}\n"
           "tool 5s sh -c \"echo ${twice} ${A.url}\"\n");
  const trace::Event& tool = played.trace.events[5];
  EXPECT_EQ(tool.frame, "EXIT");
  EXPECT_EQ(tool.leaves[1].value, "\"77 nats://127.0.0.1:${A.port}\"");
}

TEST_F(Play, WhatTheServerLeavesOutIsItsOwnDifference) {
  const Played missing = play(server("") + "client c to A\n  recv INFO\n  let nonce = INFO.nonce\n");
  EXPECT_EQ(missing.outcome, Outcome::timeout);
  EXPECT_EQ(missing.reason, "the INFO of c has no nonce");
  const Played dead = play(server("refuse") + "reload A\n");
  EXPECT_EQ(dead.outcome, Outcome::timeout);
  EXPECT_EQ(dead.reason, "server A does not run");
}

TEST_F(Play, FilesCanBeDamaged) {
  const Played played = play(
      "server A off\n  file f.txt \"abcdef\"\ndamage A f.txt truncate -2\ndamage A f.txt flip 0\n"
      "damage A f.txt append \"!\"\nread A f.txt\ndamage A none.txt flip 0\n");
  EXPECT_EQ(played.trace.events[3].frame, "FILE f.txt");
  EXPECT_EQ(played.trace.events[3].leaves[1].value, "\"`bcd!\"");
  EXPECT_EQ(played.outcome, Outcome::timeout);
  EXPECT_EQ(played.reason, "nothing to damage in none.txt");
}

TEST_F(Play, AProxyCutsAndDelays) {
  const Played played =
      play(server("") +
           "proxy P to A\nclient c to P\n  recv INFO\n  sync\nfault P delay 20ms\nc sync\nfault P cut\n"
           "c recv CLOSED\n");
  EXPECT_EQ(played.outcome, Outcome::completed) << played.reason;
}

TEST_F(Play, NothingIsLeftBehind) {
  PlayOptions options;
  const auto count = [] {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
      if (entry.path().filename().string().starts_with("natstwin-test-nothing-")) ++found;
    }
    return found;
  };
  const auto script = script::parse("scenario test/nothing\n" + server(""), "");
  ASSERT_TRUE(script);
  options.binary = FAKE_SERVER;
  ASSERT_TRUE(runner::play(*script, options, *agent_));
  EXPECT_EQ(count(), 0u);
}

}  // namespace
}  // namespace natstwin::runner
