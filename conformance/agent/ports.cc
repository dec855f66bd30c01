#include "conformance/agent/ports.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

namespace natstwin::agent {
namespace {

// Below the range from which the kernel takes the ports of outgoing connections.
constexpr int port_min = 20000;
constexpr int port_max = 31999;
constexpr int attempts_max = 500;

std::string lock_folder() { return "/tmp/natstwin-ports." + std::to_string(getuid()); }

bool can_bind(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return bound;
}

bool lists_listener(const char* table, int port) {
  constexpr const char* state_listen = "0A";
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    char address[64];
    char state[8];
    unsigned local_port = 0;
    if (std::sscanf(line.c_str(), " %*d: %63[0-9A-F]:%x %*[^ ] %7s", address, &local_port, state) != 3)
      continue;
    if (local_port == static_cast<unsigned>(port) && std::strcmp(state, state_listen) == 0) return true;
  }
  return false;
}

}  // namespace

Ports::~Ports() {
  for (const auto& [port, fd] : locks_) close(fd);
}

Result<int> Ports::reserve(std::uint64_t seed) {
  const std::string folder = lock_folder();
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected("cannot make " + folder + ": " + strerror(errno));
  }
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> distribution(port_min, port_max);
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const int port = distribution(random);
    const int fd = open((folder + "/" + std::to_string(port)).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) continue;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !can_bind(port)) {
      close(fd);
      continue;
    }
    const std::lock_guard lock(mutex_);
    locks_.emplace(port, fd);
    return port;
  }
  return std::unexpected("no free port");
}

void Ports::release(int port) {
  const std::lock_guard lock(mutex_);
  const auto found = locks_.find(port);
  if (found == locks_.end()) return;
  close(found->second);
  locks_.erase(found);
}

Result<bool> Ports::is_listening(int port) {
  return lists_listener("/proc/net/tcp", port) || lists_listener("/proc/net/tcp6", port);
}

}  // namespace natstwin::agent
