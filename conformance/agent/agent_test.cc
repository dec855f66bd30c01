// The same tests for the agent in this process and the one behind gRPC.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "conformance/agent/agent_service.h"
#include "conformance/agent/local_agent.h"
#include "conformance/agent/remote_agent.h"

namespace natstwin::agent {
namespace {

class AnyAgent : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) {
      agent_ = make_local_agent();
    } else {
      auto server = AgentServer::listen("127.0.0.1:0");
      ASSERT_TRUE(server) << server.error();
      server_ = std::move(*server);
      auto agent = connect_to_agent("127.0.0.1:" + std::to_string(server_->port()));
      ASSERT_TRUE(agent) << agent.error();
      agent_ = std::move(*agent);
    }
    const auto directory = agent_->make_directory("test");
    ASSERT_TRUE(directory) << directory.error();
    directory_ = *directory;
  }

  void TearDown() override {
    if (!agent_) agent_ = make_local_agent();
    EXPECT_TRUE(agent_->remove_directory(directory_));
  }

  Process shell(const std::string& script) {
    const ProcessSpec spec{"sh",       {"-c", script},      {{"NAME", "value"}},
                           directory_, directory_ + "/out", directory_ + "/err"};
    const auto process = agent_->start(spec);
    EXPECT_TRUE(process) << process.error();
    return process ? *process : Process{};
  }

  std::unique_ptr<AgentServer> server_;
  std::unique_ptr<Agent> agent_;
  std::string directory_;
};

TEST_P(AnyAgent, RunsAProgramToItsEnd) {
  const auto exit = agent_->wait(shell("echo $NAME; echo wrong >&2; pwd; exit 7").id, 5000);
  ASSERT_TRUE(exit && *exit);
  EXPECT_EQ((*exit)->code, 7);
  EXPECT_EQ((*exit)->signal, 0);
  EXPECT_EQ(agent_->read_file(directory_ + "/out", 0).value(), "value\n" + directory_ + "\n");
  EXPECT_EQ(agent_->read_file(directory_ + "/err", 1).value(), "rong\n");
}

TEST_P(AnyAgent, TellsWhichSignalEndedAProgram) {
  const Process process = shell("sleep 60");
  EXPECT_FALSE(agent_->wait(process.id, 10).value());
  EXPECT_TRUE(agent_->signal(process.id, SIGTERM));
  const auto exit = agent_->wait(process.id, 5000);
  ASSERT_TRUE(exit && *exit);
  EXPECT_EQ((*exit)->signal, SIGTERM);
  EXPECT_TRUE(agent_->signal(process.id, SIGTERM)) << "a signal to what has ended is no error";
}

TEST_P(AnyAgent, WhatItStartedDiesWithIt) {
  const Process process = shell("sleep 60 & wait");
  ASSERT_EQ(kill(process.pid, 0), 0);
  agent_.reset();
  for (int i = 0; i < 200 && kill(-process.pid, 0) == 0; ++i) usleep(20000);
  EXPECT_NE(kill(-process.pid, 0), 0);
  EXPECT_EQ(errno, ESRCH);
}

TEST_P(AnyAgent, AProgramThatIsNotThereIsAnError) {
  const auto process = agent_->start({"/nowhere/at/all", {}, {}, directory_, "", ""});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error(), "cannot start /nowhere/at/all: No such file or directory");
  EXPECT_TRUE(agent_->has_program("sh").value());
  EXPECT_FALSE(agent_->has_program("no-such-program-here").value());
}

TEST_P(AnyAgent, WritesListsAndRemovesFiles) {
  ASSERT_TRUE(agent_->write_file(directory_ + "/a/b.txt", std::string("x\0y", 3)));
  const auto files = agent_->list_directory(directory_);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].name, "a");
  EXPECT_TRUE((*files)[0].directory);
  EXPECT_EQ((*files)[1].name, "a/b.txt");
  EXPECT_EQ((*files)[1].size, 3u);
  EXPECT_TRUE(agent_->remove_file(directory_ + "/a/b.txt"));
  EXPECT_FALSE(agent_->remove_file(directory_ + "/a/b.txt"));
  EXPECT_FALSE(agent_->read_file(directory_ + "/a/b.txt", 0));
}

TEST_P(AnyAgent, GivesNoPortTwice) {
  const auto first = agent_->reserve_port(5);
  const auto second = agent_->reserve_port(5);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  agent_->release_port(*first);
  const auto third = agent_->reserve_port(5);
  EXPECT_EQ(third.value(), *first);
  EXPECT_FALSE(agent_->is_listening(*first).value());
}

INSTANTIATE_TEST_SUITE_P(Agents, AnyAgent, testing::Bool(),
                         [](const auto& info) { return info.param ? "Remote" : "Local"; });

TEST(RemoteAgent, AnAddressWithoutAnAgentIsAnError) {
  EXPECT_FALSE(connect_to_agent("nonsense"));
  EXPECT_FALSE(AgentServer::listen("nonsense"));
}

}  // namespace
}  // namespace natstwin::agent
