// What only the simulated ground can do: the same run twice, and what befalls networks and processes.
#include "server/sys/sim/sim_world.h"

#include <gtest/gtest.h>

#include "server/sys/ground_contract.h"

namespace nats::sys {
namespace {

// A server on "server" that echoes, and clients on "client" that talk to it.
struct EchoTown {
  explicit EchoTown(const SimOptions& options = {}, int loops = 2) : world(options) {
    client = world.make_ground({.name = "client", .loops = loops});
    build(loops);
  }

  void build(int loops = 2) {
    server = world.make_ground({.name = "server", .loops = loops});
    acceptor = std::make_unique<ContractAcceptor>(*server);
    acceptor->accepted = [this](std::unique_ptr<Stream> stream) {
      acceptor->pick =
          static_cast<int>(world.random().below(static_cast<std::uint64_t>(server->loop_count())));
      ContractPeer& peer = *echoes.emplace_back(std::make_unique<ContractPeer>());
      peer.after_bytes = [&peer] { peer.send(std::exchange(peer.received, {})); };
      peer.after_end = [&peer] { peer.stream.reset(); };
      peer.begin(std::move(stream));
    };
    auto made = server->listen(Endpoint{"0.0.0.0", 4222}, server->loop(0), *acceptor);
    EXPECT_TRUE(made) << made.error().detail;
    listener = std::move(*made);
  }

  // The server's process is gone; what it was made of goes after it.
  void clear_server() {
    listener.reset();
    echoes.clear();
    acceptor.reset();
    server.reset();
  }

  ContractPeer& connect() {
    ContractPeer& peer = *clients.emplace_back(std::make_unique<ContractPeer>());
    client->connect(Endpoint{"server", 4222}, client->loop(0), Duration::from_seconds(2),
                    [this, &peer](Result<std::unique_ptr<Stream>> stream) {
                      if (!stream) return errors.push_back(stream.error());
                      peer.begin(std::move(*stream));
                    });
    return peer;
  }

  ContractPeer& connected() {
    ContractPeer& peer = connect();
    EXPECT_TRUE(world.run_until([&] { return peer.stream != nullptr; })) << world.describe();
    return peer;
  }

  bool echoes_back(ContractPeer& peer, std::string_view text, Duration within = Duration::from_seconds(5)) {
    peer.received.clear();
    peer.send(text);
    return world.run_until([&] { return peer.received.size() >= text.size(); }, within);
  }

  SimWorld world;
  std::unique_ptr<SimGround> client;
  std::unique_ptr<SimGround> server;
  std::unique_ptr<ContractAcceptor> acceptor;
  std::unique_ptr<Listener> listener;
  std::vector<std::unique_ptr<ContractPeer>> echoes;
  std::vector<std::unique_ptr<ContractPeer>> clients;
  std::vector<Error> errors;
};

struct RunResult {
  std::uint64_t hash;
  std::uint64_t events;
  bool operator==(const RunResult&) const = default;
};

// Twenty clients, each with its own chatter, a partition and a broken connection on the way.
RunResult busy_run(std::uint64_t seed, char letter = 'm') {
  EchoTown town(SimOptions{.seed = seed});
  for (int i = 0; i < 20; ++i)
    town.connected().send(std::string(static_cast<std::size_t>(i) * 700 + 1, letter));
  town.world.run_for(Duration::from_ms(3));
  town.world.partition("client", "server");
  town.world.run_for(Duration::from_ms(5));
  town.world.heal_all();
  town.world.break_one(Break::reset);
  town.server->workers().run([] {}, town.server->loop(1), [] {});
  town.world.run_for(Duration::from_seconds(1));
  return {town.world.event_hash(), town.world.event_count()};
}

TEST(SimWorld, TheSameSeedGivesTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_EQ(busy_run(seed), busy_run(seed)) << "seed " << seed;
}

TEST(SimWorld, AnotherSeedGivesAnotherRun) { EXPECT_NE(busy_run(1).hash, busy_run(2).hash); }

TEST(SimWorld, TheHashSeesBytesAndNotOnlyTheirNumber) {
  EXPECT_EQ(busy_run(1, 'm').events, busy_run(1, 'n').events);
  EXPECT_NE(busy_run(1, 'm').hash, busy_run(1, 'n').hash);
}

TEST(SimWorld, AFailingRunCanNameItsSeed) {
  SimWorld world(SimOptions{.seed = 4711});
  EXPECT_EQ(world.describe().find("seed 4711, "), 0u);
  EXPECT_DEATH(std::abort(), "simulation seed 4711");
}

TEST(SimWorld, NothingLeftToHappenEndsTheRun) {
  SimWorld world;
  EXPECT_FALSE(world.step());
  Instant begin = world.now();
  world.run_for(Duration::from_seconds(3));
  EXPECT_EQ(world.now() - begin, Duration::from_seconds(3));
  EXPECT_FALSE(world.run_until([] { return false; }));
}

TEST(SimNetwork, APartitionHoldsBytesBackAndHealingDeliversThem) {
  EchoTown town;
  ContractPeer& peer = town.connected();
  ASSERT_TRUE(town.echoes_back(peer, "before"));
  town.world.partition("client", "server");
  EXPECT_FALSE(town.echoes_back(peer, "during", Duration::from_seconds(30)));
  EXPECT_TRUE(peer.ends.empty());
  town.world.heal("server", "client");
  EXPECT_TRUE(town.world.run_until([&] { return peer.received == "during"; })) << town.world.describe();
}

TEST(SimNetwork, APartitionOfOneDirectionStopsOnlyThat) {
  EchoTown town;
  ContractPeer& peer = town.connected();
  ASSERT_TRUE(town.echoes_back(peer, "before"));
  town.world.partition_one_way("server", "client");
  EXPECT_FALSE(town.echoes_back(peer, "question", Duration::from_seconds(5)));
  EXPECT_EQ(town.echoes.front()->sent, std::string_view("beforequestion").size());
}

TEST(SimNetwork, ConnectingIntoAPartitionTimesOutAndToNoListenerIsRefused) {
  EchoTown town;
  town.world.partition("client", "server");
  town.connect();
  ASSERT_TRUE(town.world.run_until([&] { return town.errors.size() == 1; }));
  EXPECT_EQ(town.errors[0].detail, "dial tcp " + town.server->address() + ":4222: i/o timeout");
  town.world.heal_all();
  town.listener.reset();
  town.connect();
  ASSERT_TRUE(town.world.run_until([&] { return town.errors.size() == 2; }));
  EXPECT_EQ(town.errors[1].code, ErrorCode::connection_refused);
}

TEST(SimNetwork, AConnectionMadeDuringAPartitionComesWhenItHeals) {
  EchoTown town;
  town.world.partition("client", "server");
  ContractPeer& peer = town.connect();
  town.world.run_for(Duration::from_ms(500));
  town.world.heal_all();
  EXPECT_TRUE(town.world.run_until([&] { return peer.stream != nullptr; })) << town.world.describe();
}

TEST(SimNetwork, AResetReachesBothEnds) {
  EchoTown town;
  ContractPeer& peer = town.connected();
  ASSERT_TRUE(town.echoes_back(peer, "x"));
  EXPECT_EQ(town.world.break_connections("client", "server", Break::reset), 1u);
  ASSERT_TRUE(town.world.run_until([&] { return !peer.ends.empty() && !town.echoes[0]->ends.empty(); }));
  EXPECT_EQ(peer.ends[0].code, ErrorCode::connection_reset);
  EXPECT_EQ(town.echoes[0]->ends[0].code, ErrorCode::connection_reset);
  EXPECT_FALSE(town.world.break_one(Break::reset));
}

TEST(SimNetwork, AHalfOpenConnectionNeverTellsTheOtherEnd) {
  EchoTown town;
  ContractPeer& peer = town.connected();
  ASSERT_TRUE(town.echoes_back(peer, "x"));
  EXPECT_EQ(town.world.break_connections("server", "client", Break::half_open), 1u);
  EXPECT_FALSE(town.echoes_back(peer, std::string(2 << 20, 'z'), Duration::from_seconds(60)));
  EXPECT_TRUE(peer.ends.empty());
  EXPECT_FALSE(peer.pending.empty()) << "a bounded send buffer takes no more";
  ASSERT_EQ(town.echoes[0]->ends.size(), 1u);
}

TEST(SimNetwork, AKilledProcessClosesItsConnectionsAndASecondLifeServesAgain) {
  EchoTown town;
  ContractPeer& peer = town.connected();
  ASSERT_TRUE(town.echoes_back(peer, "x"));
  town.server->kill();
  town.clear_server();
  ASSERT_TRUE(town.world.run_until([&] { return !peer.ends.empty(); }));
  town.connect();
  ASSERT_TRUE(town.world.run_until([&] { return !town.errors.empty(); }));
  EXPECT_EQ(town.errors[0].code, ErrorCode::connection_refused);
  town.build();
  EXPECT_TRUE(town.echoes_back(town.connected(), "again"));
}

TEST(SimNetwork, APowerCutIsSilentUntilTheHostIsBackAndSaysThatItForgot) {
  EchoTown town;
  ContractPeer& peer = town.connected();
  ASSERT_TRUE(town.echoes_back(peer, "x"));
  town.server->power_cut();
  town.clear_server();
  EXPECT_FALSE(town.echoes_back(peer, "anybody?", Duration::from_seconds(60)));
  EXPECT_TRUE(peer.ends.empty());
  town.build();
  ASSERT_TRUE(town.world.run_until([&] { return !peer.ends.empty(); })) << town.world.describe();
  EXPECT_EQ(peer.ends[0].code, ErrorCode::connection_reset);
}

TEST(SimNetwork, ASuspendedProcessTakesConnectionsAndAnswersLater) {
  EchoTown town;
  town.server->suspend(true);
  ContractPeer& peer = town.connected();
  EXPECT_FALSE(town.echoes_back(peer, "hello", Duration::from_seconds(10)));
  town.server->suspend(false);
  EXPECT_TRUE(town.world.run_until([&] { return peer.received == "hello"; }));
}

TEST(SimNetwork, WritesAndReadsAreTornButNothingIsLostOrSwapped) {
  EchoTown town(SimOptions{.seed = 5, .send_buffer_min = 64, .send_buffer_max = 900, .torn_one_in = 2});
  ContractPeer& peer = town.connected();
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i) + ",";
  ASSERT_TRUE(town.echoes_back(peer, text, Duration::from_seconds(600))) << town.world.describe();
  EXPECT_TRUE(peer.received == text);
}

TEST(SimNetwork, ConnectionsOvertakeEachOtherUnderSomeSeed) {
  bool first_won = false, second_won = false;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    EchoTown town(SimOptions{.seed = seed});
    ContractPeer& first = town.connected();
    ContractPeer& second = town.connected();
    first.send("1");
    second.send("2");
    town.world.run_until([&] { return first.received.size() + second.received.size() == 1; });
    (first.received.empty() ? second_won : first_won) = true;
  }
  EXPECT_TRUE(first_won && second_won);
}

TEST(SimLoop, PostersOvertakeEachOtherUnderSomeSeed) {
  bool orders[2] = {};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SimWorld world(SimOptions{.seed = seed});
    auto ground = world.make_ground({.name = "host", .loops = 3});
    std::vector<int> order;
    for (int from = 1; from <= 2; ++from) {
      ground->loop(from).post([&, from] { ground->loop(0).post([&order, from] { order.push_back(from); }); });
    }
    ASSERT_TRUE(world.run_until([&] { return order.size() == 2; }));
    orders[order[0] - 1] = true;
  }
  EXPECT_TRUE(orders[0] && orders[1]);
}

TEST(SimGround, SignalsConsoleClockAndEnvironmentAreTheTests) {
  SimWorld world;
  auto ground = world.make_ground({.name = "host", .environment = {{"NATS_TOKEN", "s3cr3t"}}});
  struct Handler final : SignalHandler {
    std::vector<Signal> seen;
    void on_signal(Signal signal) override { seen.push_back(signal); }
  } handler;
  ground->handle_signals(handler);
  ground->deliver_signal(Signal::hangup);
  ASSERT_TRUE(world.run_until([&] { return !handler.seen.empty(); }));
  ground->console().write_error("[INF] ready\n");
  EXPECT_EQ(ground->console().error(), "[INF] ready\n");
  EXPECT_EQ(ground->process().environment("NATS_TOKEN"), "s3cr3t");
  WallTime before = ground->wall_now();
  ground->set_wall_offset(Duration::from_seconds(-3600));
  EXPECT_EQ(before - ground->loop(0).wall_now(), Duration::from_seconds(3600));
}

}  // namespace
}  // namespace nats::sys
