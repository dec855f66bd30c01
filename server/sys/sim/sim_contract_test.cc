// The simulated ground does what every ground must, whatever the seed.
#include "server/sys/ground_contract.h"
#include "server/sys/sim/sim_world.h"

namespace nats::sys {
namespace {

// Each driver is a world of another seed; --gtest_repeat goes on counting.
std::uint64_t next_seed = 1;

class SimDriver {
 public:
  explicit SimDriver(int loops)
      : world_(SimOptions{.seed = next_seed++}),
        server_(world_.make_ground({.name = "server", .loops = loops})),
        client_(world_.make_ground({.name = "client", .loops = loops})) {
    EXPECT_TRUE(server_->files().make_directories(directory(), 0755));
  }

  Ground& server() { return *server_; }
  Ground& client() { return *client_; }
  std::string server_host() const { return server_->address(); }
  std::string directory() const { return "/store"; }
  bool run_until(std::move_only_function<bool()> done) {
    bool held = world_.run_until(std::move(done), Duration::from_seconds(30));
    EXPECT_TRUE(held) << world_.describe();
    return held;
  }

 private:
  SimWorld world_;
  std::unique_ptr<SimGround> server_;
  std::unique_ptr<SimGround> client_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, GroundContract, SimDriver);

}  // namespace
}  // namespace nats::sys
