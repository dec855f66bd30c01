// The server on the simulated ground, where writes are torn and connections break.
#include "server/monitor/monitor_server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/sys/sim/sim_world.h"

namespace nats::monitor {
namespace {

using sys::SimWorld;

class StoredLog final : public Log {
 public:
  void write(LogLevel, std::string_view message) override { lines.emplace_back(message); }
  std::vector<std::string> lines;
};

// Answers at once, or keeps what it was asked until release().
class FakeSource final : public MonitorSource {
 public:
  bool hold = false;
  std::size_t connections_open = 0;
  std::vector<std::move_only_function<void()>> held;

  void release() {
    auto all = std::move(held);
    held.clear();
    for (auto& then : all) then();
  }

  void server(sys::Loop&, std::move_only_function<void(ServerSnapshot)> then) override {
    give([then = std::move(then)]() mutable { then(ServerSnapshot{}); });
  }
  std::int64_t connection_count() const override { return static_cast<std::int64_t>(connections_open); }
  void summaries(sys::Loop&,
                 std::move_only_function<void(std::vector<std::vector<ConnSummary>>)> then) override {
    std::vector<std::vector<ConnSummary>> all(1);
    for (std::size_t i = 0; i < connections_open; ++i) {
      ConnSummary conn;
      conn.cid = connections_open - i;
      all[0].push_back(conn);
    }
    then(std::move(all));
  }
  void connections(const ConnQuery& query, sys::Loop&,
                   std::move_only_function<void(ConnectionsSnapshot)> then) override {
    std::vector<std::uint64_t> cids = query.page.value_or(std::vector<std::uint64_t>{});
    if (!query.page)
      for (std::size_t i = connections_open; i > 0; --i) cids.push_back(i);
    give([cids = std::move(cids), then = std::move(then)]() mutable {
      ConnectionsSnapshot snapshot;
      snapshot.parts.emplace_back();
      for (std::uint64_t cid : cids) {
        ConnSnapshot conn;
        conn.cid = cid;
        snapshot.parts[0].push_back(std::move(conn));
      }
      then(std::move(snapshot));
    });
  }
  void accounts(const AccountQuery&, sys::Loop&,
                std::move_only_function<void(AccountsSnapshot)> then) override {
    give([then = std::move(then)]() mutable { then(AccountsSnapshot{}); });
  }

 private:
  void give(std::move_only_function<void()> then) {
    if (hold) {
      held.push_back(std::move(then));
    } else {
      then();
    }
  }
};

class Client final : public sys::StreamHandler {
 public:
  std::unique_ptr<sys::Stream> stream;
  std::string received;
  std::string unsent;
  bool ended = false;

  void send(std::string_view octets) {
    unsent += octets;
    on_writable();
  }
  void on_bytes(Bytes in) override { received += in; }
  void on_writable() override {
    if (!stream || unsent.empty()) return;
    const Bytes pieces[] = {unsent};
    const auto written = stream->write(pieces);
    if (!written) return;
    unsent.erase(0, *written);
    if (!unsent.empty()) stream->want_writable();
  }
  void on_end(const Error&) override { ended = true; }
};

class MonitorServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started =
        MonitorServer::start(*ground_, ground_->loop(0), {"0.0.0.0", 8222}, source_, stats_, log_, {"/"});
    ASSERT_TRUE(started);
    server_ = std::move(*started);
  }

  void connect(Client& client) {
    client_ground_->connect({"10.0.0.1", 8222}, client_ground_->loop(0), Duration::from_seconds(1),
                            [&client](Result<std::unique_ptr<sys::Stream>> stream) {
                              ASSERT_TRUE(stream);
                              client.stream = std::move(*stream);
                              client.stream->start(client);
                              client.on_writable();
                            });
    ASSERT_TRUE(world_.run_until([&] { return client.stream != nullptr; }));
  }
  bool run_until(std::move_only_function<bool()> done) { return world_.run_until(std::move(done)); }

  SimWorld world_;
  std::unique_ptr<sys::SimGround> ground_ = world_.make_ground({"server", "10.0.0.1"});
  std::unique_ptr<sys::SimGround> client_ground_ = world_.make_ground({"client", "10.0.0.2"});
  FakeSource source_;
  RequestStats stats_;
  StoredLog log_;
  std::unique_ptr<MonitorServer> server_;
};

constexpr std::string_view health_request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(MonitorServerTest, AnswersPipelinedRequestsInOrder) {
  Client client;
  connect(client);
  for (int i = 0; i < 50; ++i) client.send(health_request);
  client.send("GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return client.ended; }));
  std::size_t count = 0;
  for (std::size_t at = 0; (at = client.received.find("{\"status\":\"ok\"}", at)) != std::string::npos; ++at)
    ++count;
  EXPECT_EQ(count, 50u);
  EXPECT_TRUE(client.received.ends_with("Connection: close\r\n\r\n404 page not found\n"));
  EXPECT_EQ(stats_.counts().at("/healthz"), 50u);
  EXPECT_EQ(server_->connection_count(), 0u);
}

TEST_F(MonitorServerTest, SendsTenThousandConnectionsWhole) {
  source_.connections_open = 10'000;
  Client client;
  connect(client);
  client.send("GET /connz?limit=20000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return client.ended; }));
  EXPECT_NE(client.received.find("\"num_connections\": 10000,"), std::string::npos);
  EXPECT_TRUE(client.received.ends_with("\n  ]\n}\r\n0\r\n\r\n"));
  EXPECT_LT(client.received.find("\"cid\": 1,"), client.received.find("\"cid\": 10000,"));
}

TEST_F(MonitorServerTest, ForgetsAPeerThatLeavesBeforeItsAnswer) {
  source_.hold = true;
  Client client;
  connect(client);
  client.send(health_request);
  ASSERT_TRUE(run_until([&] { return !source_.held.empty(); }));
  client.stream.reset();
  world_.run_for(Duration::from_seconds(1));
  source_.release();
  world_.run_for(Duration::from_seconds(1));
  EXPECT_EQ(server_->connection_count(), 0u);
}

TEST_F(MonitorServerTest, StopsWhileRequestsAreOut) {
  source_.hold = true;
  Client client, idle;
  connect(client);
  connect(idle);
  client.send(health_request);
  ASSERT_TRUE(run_until([&] { return !source_.held.empty(); }));
  server_.reset();
  source_.release();
  world_.run_for(Duration::from_seconds(1));
  EXPECT_TRUE(client.ended);
  EXPECT_TRUE(idle.ended);
  EXPECT_EQ(client.received, "");
}

TEST_F(MonitorServerTest, ClosesAPeerThatSendsNoRequestForFiveSeconds) {
  Client client;
  connect(client);
  client.send("GET /healthz HTTP/1.1\r\n");
  world_.run_for(Duration::from_ms(4'900));
  EXPECT_FALSE(client.ended);
  world_.run_for(Duration::from_ms(200));
  EXPECT_TRUE(client.ended);
  EXPECT_EQ(client.received, "");
  EXPECT_EQ(server_->connection_count(), 0u);
}

TEST_F(MonitorServerTest, LogsWhatAnEndpointWarnsOf) {
  Client client;
  connect(client);
  client.send("GET /healthz?stream=s HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return client.received.find("health\"}") != std::string::npos; }));
  EXPECT_EQ(log_.lines,
            (std::vector<std::string>{
                R"(Healthcheck failed: "\"account\" must not be empty when checking stream health")"}));
}

TEST_F(MonitorServerTest, SurvivesConnectionsThatBreakAtAnyMoment) {
  source_.connections_open = 300;
  for (int round = 0; round < 200; ++round) {
    Client client;
    connect(client);
    client.send("GET /connz HTTP/1.1\r\nHost: x\r\n\r\n");
    client.send(health_request);
    for (std::uint64_t steps = world_.random().below(60); steps > 0; --steps) world_.step();
    world_.break_one(sys::Break::reset);
    client.stream.reset();
  }
  world_.run_for(Duration::from_seconds(10));
  EXPECT_EQ(server_->connection_count(), 0u);
}

}  // namespace
}  // namespace nats::monitor
