// Turns what passed a recording proxy into a scenario: the clients' bytes as steps, what came back
// as barriers, and values that the server chose as variables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::runner {

// In the order in which the proxy saw them, over all connections.
struct CapturedBytes {
  enum class Kind : std::uint8_t { opened, from_client, from_server, client_closed, server_closed };
  Kind kind = Kind::opened;
  int connection = 0;  // from 1
  std::string bytes;
};

struct CaptureHead {
  std::string name;  // area/name
  std::string note;
  std::string config;  // text of the server's configuration, may be empty
};

struct CapturedScript {
  std::string text;
  std::vector<std::string> warnings;  // what a replay is not going to repeat
};

CapturedScript make_script(const CaptureHead& head, const std::vector<CapturedBytes>& captured);

// A quoted string of the scenario language, or several with repetitions.
std::string quote_pieces(std::string_view bytes);

}  // namespace natstwin::runner
