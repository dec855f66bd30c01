// A server for the runner's tests: speaks just enough of the protocol, and misbehaves on request.
//
// FAKE in its environment: "" well-behaved, "unsupported" exit code 89, "refuse" exit code 1,
// "crash" aborts at a PUB, "mute" never answers a PING, "quiet" logs nothing.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string behaviour() {
  const char* text = std::getenv("FAKE");
  return text == nullptr ? "" : text;
}

void log_line(const char* level, const std::string& text) {
  if (behaviour() == "quiet") return;
  std::fprintf(stderr, "[%d] 2026/11/24 17:00:00.000000 [%s] %s\n", getpid(), level, text.c_str());
}

void say(int fd, std::string_view text) { (void)!write(fd, text.data(), text.size()); }

// Takes the complete lines out of `buffer`.
void answer(int fd, std::string& buffer) {
  for (auto end = buffer.find("\r\n"); end != std::string::npos; end = buffer.find("\r\n")) {
    const std::string line = buffer.substr(0, end);
    buffer.erase(0, end + 2);
    if (line == "PING" && behaviour() != "mute") say(fd, "PONG\r\n");
    if (line.starts_with("PUB ")) {
      if (behaviour() == "crash") std::abort();
      say(fd, "MSG foo 1 2\r\nhi\r\nMSG foo 1 3\r\nyou\r\n");
    }
    if (line == "BYE") shutdown(fd, SHUT_RDWR);
  }
}

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 8) != 0)
    return -1;
  return listener;
}

void on_term(int) {
  log_line("INF", "Server Exiting..");
  _exit(3);
}

void on_hup(int) { log_line("INF", "Reloaded server configuration"); }

void serve(int listener, int port) {
  std::map<int, std::string> clients;
  while (true) {
    std::vector<pollfd> set{{listener, POLLIN, 0}};
    for (const auto& [fd, buffer] : clients) set.push_back({fd, POLLIN, 0});
    if (poll(set.data(), set.size(), -1) < 0) continue;
    for (std::size_t i = 1; i < set.size(); ++i) {
      if (set[i].revents == 0) continue;
      char bytes[4096];
      const auto got = read(set[i].fd, bytes, sizeof bytes);
      if (got <= 0) {
        close(set[i].fd);
        clients.erase(set[i].fd);
        continue;
      }
      clients[set[i].fd].append(bytes, static_cast<std::size_t>(got));
      answer(set[i].fd, clients[set[i].fd]);
    }
    if (set.front().revents == 0) continue;
    const int client = accept(listener, nullptr, nullptr);
    clients[client];
    say(client, "INFO {\"server_id\":\"NFAKE\",\"port\":" + std::to_string(port) + ",\"client_id\":7} \r\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--version") {
      std::puts("fake-server: v1");
      return 0;
    }
    if (argument == "-p" && i + 1 < argc) port = std::atoi(argv[i + 1]);
  }
  if (behaviour() == "unsupported") {
    log_line("FTL", "not built yet");
    return 89;
  }
  if (behaviour() == "refuse") {
    log_line("FTL", "bad configuration");
    return 1;
  }
  signal(SIGTERM, on_term);
  signal(SIGHUP, on_hup);
  const int listener = listen_on(port);
  if (listener < 0) return 1;
  log_line("INF", "Listening on 127.0.0.1:" + std::to_string(port));
  log_line("INF", "Server is ready");
  serve(listener, port);
}
