// Plays one scenario on one binary and writes down what happened.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "conformance/agent/agent.h"
#include "conformance/runner/tap.h"
#include "conformance/script/script.h"
#include "conformance/trace/trace.h"

namespace natstwin::runner {

enum class Outcome : std::uint8_t { completed, crash, timeout, unsupported, not_run };
std::string_view name_of(Outcome outcome);

struct PlayOptions {
  std::string binary;    // of the server
  std::string version;   // its answer to --version
  std::string fixtures;  // absolute path of scenarios/fixtures
  std::uint64_t seed = 0;
  bool jitter = false;  // small pauses between statements
  bool load = false;    // keep a core busy meanwhile
  bool keep_directory = false;
  TapFactory tap;                                     // may be empty
  std::function<void(const trace::Event&)> on_event;  // may be empty
};

struct Played {
  trace::Trace trace;
  Outcome outcome = Outcome::completed;
  std::string reason;     // why it did not complete
  int line = 0;           // of the script, where it stopped
  std::string directory;  // when kept
};

// The error is the harness's own (no port, no directory), never the server's.
std::expected<Played, std::string> play(const script::Script& script, const PlayOptions& options,
                                        agent::Agent& agent);

// First line of `BINARY --version`.
std::expected<std::string, std::string> version_of(const std::string& binary, agent::Agent& agent);

}  // namespace natstwin::runner
