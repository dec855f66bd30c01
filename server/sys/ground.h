// The ground a server stands on. sys/real/ and sys/sim/ implement it; app/ and simulation/ choose.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/sys/files.h"
#include "server/sys/loop.h"
#include "server/sys/message_sender.h"
#include "server/sys/stream.h"

namespace nats::sys {

class Diagnostics;
class Tls;

// Randomness. Thread-safe. The simulator's is a function of its seed.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<char> out) = 0;

  std::uint64_t next_u64();
};

// Threads for what may not run on a loop: disks, DNS, password hashes, signatures.
class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  // Runs `work` on some worker, then `done` on `home`. Neither may throw.
  virtual void run(Task work, Loop& home, Task done) = 0;
};

// What this process hears, and may send to another one.
enum class Signal : std::uint8_t { interrupt, terminate, hangup, user1, user2, kill };

// What the operating system says about this process and machine.
struct ResourceUse {
  std::uint64_t resident_bytes = 0;
  double cpu_percent = 0;
};

class Process {
 public:
  virtual ~Process() = default;
  virtual int pid() const = 0;
  virtual int cores() const = 0;
  virtual std::string executable_name() const = 0;
  virtual std::string host_name() const = 0;
  // As it was called: the first word of the command line.
  virtual std::string invocation_name() const = 0;
  virtual std::string working_directory() const = 0;
  virtual std::optional<std::string> environment(std::string_view name) const = 0;
  // Textual addresses of the interfaces that are up, loopback left out.
  virtual std::vector<std::string> interface_addresses() const = 0;
  // Bytes of RSS; CPU in percent of one core over about the last second.
  virtual ResourceUse resource_use() const = 0;
  virtual std::uint64_t memory_total_bytes() const = 0;

  // In ascending order, this process among them: as pgrep finds them by a part of their names.
  virtual std::vector<int> pids_of_programs(std::string_view name) const = 0;
  // The error's detail is "no such process" or the like.
  virtual Result<void> send_signal(int pid, Signal signal) = 0;
};

class SignalHandler {
 public:
  virtual ~SignalHandler() = default;
  // On loop 0.
  virtual void on_signal(Signal signal) = 0;
};

// Where log lines and messages to the terminal go: file descriptors 1 and 2, whole writes.
class Console {
 public:
  virtual ~Console() = default;
  virtual void write_out(std::string_view text) = 0;
  virtual void write_error(std::string_view text) = 0;
  virtual bool error_is_terminal() const = 0;
};

class Ground {
 public:
  virtual ~Ground() = default;

  virtual int loop_count() const = 0;
  virtual Loop& loop(int index) = 0;

  // Binds at once; `accept` is called from then on. `loop` is the listener's home.
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Loop& loop, AcceptHandler& accept) = 0;
  // Connects from `loop`; `done` runs there with the stream or the reason.
  virtual void connect(const Endpoint& to, Loop& loop, Duration timeout,
                       std::move_only_function<void(Result<std::unique_ptr<Stream>>)> done) = 0;

  // Blocks for some seconds at most. `address`: a path, or "host:port".
  virtual Result<std::unique_ptr<MessageSender>> connect_message_sender(MessageTransport transport,
                                                                        const std::string& address) = 0;

  virtual Files& files() = 0;
  virtual Entropy& entropy() = 0;
  virtual WorkerPool& workers() = 0;
  // Null where the ground has none.
  virtual Tls* tls() = 0;
  // Null where the ground has none.
  virtual Diagnostics* diagnostics() = 0;
  virtual Process& process() = 0;
  virtual Console& console() = 0;
  virtual WallTime wall_now() const = 0;
  virtual Instant now() const = 0;

  // From then on signals reach `handler` instead of killing the process.
  virtual void handle_signals(SignalHandler& handler) = 0;

  // Offset of local time from UTC at `at`, for log lines.
  virtual Duration utc_offset(WallTime at) const = 0;
};

}  // namespace nats::sys
