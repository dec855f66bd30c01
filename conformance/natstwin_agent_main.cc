// natstwin-agent: runs servers for a natstwin on another machine. Whoever reaches its port can start
// programs here, so it listens on loopback unless told otherwise.
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <thread>

#include "conformance/agent/agent_service.h"

namespace {

constexpr const char* usage =
    "usage: natstwin-agent [--listen HOST:PORT]\n"
    "  --listen  IPv4 address and port (default 127.0.0.1:7422; port 0 chooses one). Servers under test\n"
    "            listen on the same address. Anyone who reaches it can start programs: there is no\n"
    "            password, so keep it on a network of your own.\n";

}  // namespace

int main(int argc, char** argv) {
  std::string address = "127.0.0.1:7422";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") {
      std::fputs(usage, stdout);
      return 0;
    }
    if (argument == "--listen" && i + 1 < argc) {
      address = argv[++i];
    } else if (argument.starts_with("--listen=")) {
      address = argument.substr(argument.find('=') + 1);
    } else {
      std::fprintf(stderr, "natstwin-agent: unknown argument '%s'\n%s", argv[i], usage);
      return 2;
    }
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const auto server = natstwin::agent::AgentServer::listen(address);
  if (!server) {
    std::fprintf(stderr, "natstwin-agent: %s\n", server.error().c_str());
    return 1;
  }
  std::printf("natstwin-agent listens on %s:%d\n", address.substr(0, address.rfind(':')).c_str(),
              (*server)->port());
  std::fflush(stdout);
  int number = 0;
  sigwait(&ends, &number);
  (*server)->stop();
  return 0;
}
