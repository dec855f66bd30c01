// The real ground does what every ground must.
#include <stdlib.h>

#include <filesystem>

#include "server/sys/ground_contract.h"
#include "server/sys/real/real_ground.h"

namespace nats::sys {
namespace {

// Server and client share the ground and the process.
class RealDriver {
 public:
  explicit RealDriver(int loops) : ground_(std::move(*RealGround::open({.loops = loops}))) {
    char pattern[] = "/tmp/natstwin_sys_XXXXXX";
    directory_ = ::mkdtemp(pattern);
  }
  ~RealDriver() { std::filesystem::remove_all(directory_); }

  Ground& server() { return *ground_; }
  Ground& client() { return *ground_; }
  std::string server_host() const { return "127.0.0.1"; }
  std::string directory() const { return directory_; }

  bool run_until(std::move_only_function<bool()> done) {
    Watch watch(*ground_, std::move(done));
    ground_->run();
    return watch.held;
  }

 private:
  // Looks every millisecond; stops the ground when `done` holds or time is up.
  struct Watch final : Timer {
    Watch(RealGround& on, std::move_only_function<bool()> when)
        : ground(on), done(std::move(when)), deadline(on.now() + Duration::from_seconds(10)) {
      ground.loop(0).arm(*this, ground.now());
    }
    void on_timer(Instant now) override {
      held = done();
      if (held || now > deadline) return ground.stop();
      ground.loop(0).arm(*this, now + Duration::from_ms(1));
    }

    RealGround& ground;
    std::move_only_function<bool()> done;
    Instant deadline;
    bool held = false;
  };

  std::unique_ptr<RealGround> ground_;
  std::string directory_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Real, GroundContract, RealDriver);

}  // namespace
}  // namespace nats::sys
