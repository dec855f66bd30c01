// What happened in one run of a scenario, as text that people can review: an event is a line, its
// leaves are indented lines below it.
//
//   @3 c1 < INFO
//     server_id = "NB2NANRV..."
//     max_payload = 1048576
//
// Events of one actor are ordered. Events of different actors are ordered only by the step (the
// ordinal of the script's statement) that they belong to: within a step actors are independent.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstwin::trace {

// One value of an event. `path` names it inside the frame ("json.server_id", "json.urls[0]",
// "payload", "headers.Nats-Subject[0]"); `value` is a JSON token exactly as it stood on the wire
// (numbers keep their spelling) or, for octets, a JSON string in which every byte that is not
// printable ASCII is \u00XX.
struct Leaf {
  std::string path;
  std::string value;

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

enum class Direction : char {
  received = '<',   // the actor got a frame from the server
  sent = '>',       // the actor sent a frame
  state = '=',      // something read from outside: HTTP answer, file, store directory
  lifecycle = '!',  // start, ready, exit code, connection closed
  log = '#',        // a log line of the server
};

struct Event {
  int step = 0;
  std::string actor;
  Direction direction = Direction::received;
  std::string frame;  // INFO, MSG, PONG, CLOSED, EXIT, GET /varz, ...
  std::vector<Leaf> leaves;

  friend bool operator==(const Event&, const Event&) = default;
};

struct Trace {
  std::string scenario;                                   // area/name
  std::string script_hash;                                // "sha256:..." of the .scn file
  std::string server;                                     // first line of --version
  std::vector<std::pair<std::string, std::string>> meta;  // seed, started, host load, ...
  std::vector<Event> events;
};

std::string to_text(const Trace& trace);
// The error says line and reason.
std::expected<Trace, std::string> from_text(std::string_view text);

}  // namespace natstwin::trace
