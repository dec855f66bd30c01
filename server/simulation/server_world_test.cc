#include "server/simulation/server_world.h"

#include <gtest/gtest.h>

#include "server/broker/session/loop_clients.h"

namespace nats::simulation {
namespace {

struct Outcome {
  std::uint64_t hash = 0;
  std::uint64_t delivered = 0;
  std::uint64_t reconnects = 0;
  std::string violation;
};

// Runs until so many messages were delivered, cutting connections all the while.
Outcome run(ServerWorldPlan plan, std::uint64_t messages) {
  ServerWorld world(plan);
  constexpr Duration slice = Duration::from_ms(1);
  constexpr Instant limit{Duration::from_seconds(600).ns};
  while (world.delivered() < messages && world.violation().empty() && world.world().now() < limit) {
    world.world().run_for(slice);
    world.disturb();
  }
  return {world.world().event_hash(), world.delivered(), world.reconnects(), world.violation()};
}

ServerWorldPlan twenty_servers(std::uint64_t seed) {
  ServerWorldPlan plan;
  plan.seed = seed;
  plan.servers = 20;
  plan.clients_per_server = 100;
  plan.publishers_per_server = 10;
  plan.messages_per_burst = 20;
  return plan;
}

TEST(ServerWorld, TwentyServersDeliverAMillionMessagesWhileConnectionsAreCut) {
  constexpr std::uint64_t messages = 1'000'000;
  Outcome first = run(twenty_servers(1), messages);
  EXPECT_EQ(first.violation, "");
  EXPECT_GE(first.delivered, messages);
  EXPECT_GT(first.reconnects, 10u);

  Outcome again = run(twenty_servers(1), messages);
  EXPECT_EQ(first.hash, again.hash) << "seed 1 gave two different runs";
  EXPECT_EQ(first.delivered, again.delivered);
}

TEST(ServerWorld, AnotherSeedIsAnotherRun) {
  ServerWorldPlan plan = twenty_servers(1);
  plan.servers = 3;
  Outcome one = run(plan, 20'000);
  plan.seed = 2;
  Outcome two = run(plan, 20'000);
  EXPECT_EQ(one.violation, "");
  EXPECT_EQ(two.violation, "");
  EXPECT_NE(one.hash, two.hash);
}

struct Reloaded {
  std::uint64_t hash = 0;
  std::uint64_t reloads = 0;
  std::string violation;
};

// 200 clients on two loops, a reload in every millisecond, and connections that are cut.
Reloaded run_reloading(std::uint64_t seed) {
  ServerWorldPlan plan;
  plan.seed = seed;
  plan.servers = 1;
  plan.clients_per_server = 200;
  plan.publishers_per_server = 10;
  plan.from_file = true;
  ServerWorld world(plan);
  constexpr std::uint64_t messages = 50'000;
  constexpr Instant limit{Duration::from_seconds(60).ns};
  while (world.delivered() < messages && world.violation().empty() && world.world().now() < limit) {
    world.world().run_for(Duration::from_ms(1));
    world.reload();
    if (world.reloads() % 10 == 0) world.disturb();
  }
  EXPECT_GE(world.delivered(), messages);
  broker::Broker& broker = world.server(0).broker();
  EXPECT_GT(broker.clients(0).size(), 0u);
  EXPECT_GT(broker.clients(1).size(), 0u);
  // No more of them: then all loops hold the last one.
  for (std::uint64_t before = world.reloads() - 1; before != world.reloads();) {
    before = world.reloads();
    world.world().run_for(Duration::from_ms(100));
  }
  EXPECT_EQ(&broker.loop(0).settings(), &broker.settings());
  EXPECT_EQ(&broker.loop(1).settings(), &broker.settings());
  EXPECT_EQ(world.log().errors(),
            std::vector<std::string>(1, "Plaintext passwords detected, use nkeys or bcrypt"));
  return {world.world().event_hash(), world.reloads(), world.violation()};
}

TEST(ServerWorld, ReloadsWhileClientsPublishOnSeveralLoops) {
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    Reloaded first = run_reloading(seed);
    EXPECT_EQ(first.violation, "");
    EXPECT_GT(first.reloads, 50u);
    EXPECT_EQ(run_reloading(seed).hash, first.hash) << "a seed gave two different runs";
  }
}

// Clients of three accounts, of which one comes and goes, on two loops.
TEST(ServerWorld, AccountsStayApartWhileReloadsAddAndRemoveThem) {
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    ServerWorldPlan plan;
    plan.seed = seed;
    plan.clients_per_server = 60;
    plan.publishers_per_server = 6;
    plan.from_file = true;
    plan.accounts = 3;
    ServerWorld world(plan);
    for (int i = 0; i < 400 && world.violation().empty(); ++i) {
      world.world().run_for(Duration::from_ms(5));
      if (i % 20 == 0) world.reload();
      if (i % 50 == 0) world.disturb();
    }
    EXPECT_EQ(world.violation(), "");
    EXPECT_GT(world.delivered(), 1'000u);
    EXPECT_GT(world.refusals(), 0u) << "the last account was always there";
    // Whatever came and went: each open client counts in one account.
    broker::Broker& broker = world.server(0).broker();
    std::int64_t clients = 0;
    for (const auto& account : broker.accounts().all()) {
      EXPECT_GE(account->clients, 0) << account->account.name;
      clients += account->clients;
    }
    EXPECT_EQ(clients, broker.counters().clients);
  }
}

TEST(ServerWorld, ManySeedsHold) {
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    ServerWorldPlan plan;
    plan.seed = seed;
    plan.servers = 2;
    plan.clients_per_server = 20;
    plan.publishers_per_server = 4;
    Outcome outcome = run(plan, 3'000);
    ASSERT_EQ(outcome.violation, "");
  }
}

}  // namespace
}  // namespace nats::simulation
