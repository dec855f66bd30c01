// The program as it is shipped, on the simulated ground: signals at any moment, clients that come and go.
#include "server/app/program.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/broker/broker.h"
#include "server/simulation/world_client.h"
#include "server/sys/files.h"
#include "server/sys/sim/sim_world.h"

namespace nats::simulation {
namespace {

constexpr std::uint16_t port = 4222;
constexpr Duration grace = Duration::from_ms(500);

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

class ProgramWorld {
 public:
  explicit ProgramWorld(std::uint64_t seed) : world_({.seed = seed}) {
    server_ = world_.make_ground({.name = "server"});
    client_ = world_.make_ground({.name = "clients"});
    constexpr std::string_view config = "lame_duck_duration: \"30s\"\nlame_duck_grace_period: \"500ms\"\n";
    EXPECT_TRUE(sys::write_file(server_->files(), "server.conf", config));
    std::vector<std::string> arguments{"-a", server_->address(), "-D", "-c", "server.conf"};
    program_ = std::make_unique<app::Program>(*server_, arguments);
    EXPECT_TRUE(program_->start([this] { stopped_ = true; }));
    EXPECT_TRUE(wait_until([this] { return count(log(), "Server is ready") == 1; }));
  }
  ~ProgramWorld() {
    client_->kill();
    clients_.clear();
    server_->kill();
    program_.reset();
  }

  void connect(int number) {
    for (int i = 0; i < number; ++i) {
      WorldClientPlan plan{.number = static_cast<std::uint32_t>(i), .server = {server_->address(), port}};
      plan.subscribes = "foo";
      clients_.push_back(std::make_unique<WorldClient>(*client_, client_->loop(0), plan, [](auto, auto) {}));
      client_->loop(0).post([made = clients_.back().get()] { made->start(); });
    }
    EXPECT_TRUE(wait_until([&] { return alive() == clients_.size(); }));
  }
  // All of them, and none comes back.
  void disconnect() {
    client_->kill();
    EXPECT_TRUE(wait_until([this] { return alive() == 0; }));
  }

  bool wait_until(std::move_only_function<bool()> done, Duration limit = Duration::from_seconds(60)) {
    return world_.run_until(std::move(done), limit);
  }
  std::size_t alive() { return static_cast<std::size_t>(program_->server().broker().counters().clients); }
  const std::string& log() const { return server_->console().error(); }
  void signal(sys::Signal signal) { server_->deliver_signal(signal); }
  bool stopped() const { return stopped_; }
  int exit_code() const { return program_->exit_code(); }
  sys::SimWorld& world() { return world_; }

 private:
  sys::SimWorld world_;
  std::unique_ptr<sys::SimGround> server_;
  std::unique_ptr<sys::SimGround> client_;
  std::unique_ptr<app::Program> program_;
  std::vector<std::unique_ptr<WorldClient>> clients_;
  bool stopped_ = false;
};

TEST(LameDuck, ClosesClientsOneByOneAfterTheGracePeriod) {
  constexpr int clients = 5;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ProgramWorld world(seed);
    world.connect(clients);
    world.signal(sys::Signal::user2);
    const Instant begin = world.world().now();
    std::vector<Instant> left;
    std::size_t alive = clients;
    ASSERT_TRUE(world.wait_until([&] {
      for (; world.alive() < alive; --alive) left.push_back(world.world().now());
      return world.stopped();
    })) << world.world().describe();
    ASSERT_EQ(left.size(), std::size_t{clients}) << world.world().describe();
    EXPECT_GE(left.front() - begin, grace);
    for (int i = 1; i < clients; ++i) {
      const Duration pause = left[i] - left[i - 1];
      EXPECT_GE(pause, Duration::from_ms(499)) << world.world().describe();
      EXPECT_LE(pause, Duration::from_ms(1005)) << world.world().describe();
    }
    EXPECT_EQ(world.exit_code(), 0);
  }
}

TEST(LameDuck, WhoLeavesByHimselfStillTakesHisTurn) {
  ProgramWorld world(1);
  world.connect(3);
  world.signal(sys::Signal::user2);
  const Instant begin = world.world().now();
  world.world().run_for(Duration::from_ms(100));
  world.disconnect();
  ASSERT_TRUE(world.wait_until([&] { return world.stopped(); }));
  EXPECT_GE(world.world().now() - begin, grace + Duration::from_ms(998));
}

TEST(LameDuck, IsOverAtOnceWithoutClients) {
  ProgramWorld world(1);
  world.signal(sys::Signal::user2);
  EXPECT_TRUE(world.wait_until([&] { return world.stopped(); }, Duration::from_ms(100)));
  EXPECT_EQ(count(world.log(), "Closing existing clients"), 0u);
}

// What must hold whatever came when.
void expect_orderly_end(ProgramWorld& world) {
  const std::string& log = world.log();
  EXPECT_EQ(world.exit_code(), 0) << world.world().describe();
  EXPECT_EQ(world.alive(), 0u) << world.world().describe();
  EXPECT_EQ(count(log, "Initiating Shutdown..."), 1u) << world.world().describe() << log;
  EXPECT_LE(count(log, "Entering lame duck mode"), 1u) << world.world().describe() << log;
  EXPECT_EQ(count(log, "Client connection created"), count(log, "Client connection closed"))
      << world.world().describe() << log;
  EXPECT_TRUE(log.ends_with("Server Exiting..\n")) << world.world().describe() << log;
}

std::uint64_t run_with_random_signals(std::uint64_t seed) {
  constexpr std::array signals{sys::Signal::user1, sys::Signal::user2, sys::Signal::hangup,
                               sys::Signal::terminate, sys::Signal::interrupt};
  ProgramWorld world(seed);
  sys::Random& random = world.world().random();
  world.connect(static_cast<int>(random.below(6)));
  for (std::uint64_t i = 0, left = random.below(12); i < left && !world.stopped(); ++i) {
    world.signal(signals[random.below(random.below(3) == 0 ? signals.size() : 3)]);
    const bool pause = random.below(2) == 0;
    if (pause) world.wait_until([&] { return world.stopped(); }, Duration::from_us(random.below(1'500'000)));
  }
  if (!world.stopped()) world.signal(sys::Signal::interrupt);
  EXPECT_TRUE(world.wait_until([&] { return world.stopped(); }, Duration::from_seconds(1)))
      << world.world().describe() << world.log();
  expect_orderly_end(world);
  return world.world().event_hash();
}

TEST(Program, EndsInOrderWhateverSignalsComeWhen) {
  for (std::uint64_t seed = 1; seed <= 2000 && !testing::Test::HasFailure(); ++seed)
    run_with_random_signals(seed);
  EXPECT_EQ(run_with_random_signals(7), run_with_random_signals(7));
}

}  // namespace
}  // namespace nats::simulation
