// nats-server: the server on the real ground.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "server/app/program.h"
#include "server/sys/real/real_ground.h"

int main(int argc, char** argv) {
  auto ground = nats::sys::RealGround::open();
  if (!ground) {
    std::abort();
  }
  nats::app::Program program(**ground, std::vector<std::string>(argv + 1, argv + argc));
  if (!program.start([&] { (*ground)->stop(); })) return program.exit_code();
  (*ground)->run();
  return program.exit_code();
}
