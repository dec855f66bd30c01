// Everything a client can send to a whole session, headers among it: no crash, and what two other clients
// get back is well-formed protocol.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "server/broker/session/session_fixture.h"

namespace {

using nats::broker::TestBroker;
using nats::broker::TestClient;

// Takes one op off the front of what a client received; false: it is not one.
bool take_op(std::string_view& text, bool headers) {
  std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) return false;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 2);
  bool with_headers = line.starts_with("HMSG ");
  if (with_headers && !headers) return false;
  if (!with_headers && !line.starts_with("MSG "))
    return line == "PONG" || line == "+OK" || line.starts_with("-ERR '");
  std::size_t size = std::strtoull(std::string(line.substr(line.rfind(' ') + 1)).c_str(), nullptr, 10);
  if (text.size() < size + 2 || text.substr(size, 2) != "\r\n") return false;
  text.remove_prefix(size + 2);
  return true;
}

void expect_protocol(std::string_view text, bool headers) {
  while (!text.empty())
    if (!take_op(text, headers)) std::abort();
}

std::unique_ptr<TestClient> listener(TestBroker& server, std::string_view fields, std::string_view op) {
  auto made = server.connected(fields);
  made->says(op);
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static TestBroker server;
  static auto plain = listener(server, "", "SUB > 1\r\n");
  static auto rich = listener(server, "\"headers\":true", "SUB > q 1\r\n");
  static const std::size_t listening = server.broker->global_account().interest.stats().subscriptions;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t step = 1 + data[0] % 64;
  auto client = server.connected("\"headers\":true,\"no_responders\":true");
  while (!input.empty() && !client->session.closed() && !client->session.paused()) {
    std::string_view read = input.substr(0, step);
    client->says(read);
    input.remove_prefix(read.size());
  }
  client->session.close(nats::broker::CloseReason::client_closed);
  client.reset();
  expect_protocol(plain->gets(), false);
  expect_protocol(rich->gets(), true);
  if (server.broker->global_account().interest.stats().subscriptions != listening) std::abort();
  server.end_round();
  server.log.lines.clear();
  return 0;
}
