// Everything that the runner needs from the machine on which servers run: processes, files, ports,
// proxies. Implemented here (local_agent.h) and across gRPC (remote_agent.h).
//
// Calls may come from any thread. What an agent started dies with it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstwin::agent {

template <typename T>
using Result = std::expected<T, std::string>;

struct ProcessSpec {
  std::string program;  // path, or a name to be found on PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // beside the agent's own
  std::string directory;
  std::string stdout_path;  // appended to; own_output, or nothing for none
  std::string stderr_path;
};

// As a path: where the agent itself writes.
inline constexpr std::string_view own_output = "-";

struct Process {
  std::uint64_t id = 0;  // the agent's, never reused
  int pid = 0;
};

struct ExitStatus {
  int code = 0;
  int signal = 0;  // not 0: died by it
};

struct FileInfo {
  std::string name;  // relative to the directory that was listed
  std::uint64_t size = 0;
  bool directory = false;
};

enum class FaultKind : std::uint8_t { pass, block, cut, delay };

struct Fault {
  FaultKind kind = FaultKind::pass;
  int delay_ms = 0;
};

struct Proxy {
  std::uint64_t id = 0;
  int port = 0;
};

class Agent {
 public:
  virtual ~Agent() = default;

  // Where the servers' ports can be reached from here.
  virtual std::string host() const = 0;

  virtual Result<std::string> make_directory(std::string_view label) = 0;
  virtual Result<void> create_directory(const std::string& path) = 0;
  virtual Result<void> remove_directory(const std::string& path) = 0;
  virtual Result<void> write_file(const std::string& path, const std::string& bytes) = 0;
  virtual Result<std::string> read_file(const std::string& path, std::uint64_t offset) = 0;
  virtual Result<void> remove_file(const std::string& path) = 0;
  virtual Result<std::vector<FileInfo>> list_directory(const std::string& path) = 0;

  // A free port that no other run on that machine gets until it is released.
  virtual Result<int> reserve_port(std::uint64_t seed) = 0;
  virtual void release_port(int port) = 0;
  virtual Result<bool> is_listening(int port) = 0;

  virtual Result<bool> has_program(const std::string& name) = 0;
  virtual Result<Process> start(const ProcessSpec& spec) = 0;
  virtual Result<void> signal(std::uint64_t process, int number) = 0;
  // Nothing when it still runs after that time.
  virtual Result<std::optional<ExitStatus>> wait(std::uint64_t process, int timeout_ms) = 0;

  virtual Result<Proxy> open_proxy(int target_port) = 0;
  virtual Result<void> set_fault(std::uint64_t proxy, Fault fault) = 0;
  virtual void close_proxy(std::uint64_t proxy) = 0;
};

}  // namespace natstwin::agent
