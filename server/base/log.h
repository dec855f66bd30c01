// The logging interface. Who logs gets a Log&, never a global. One event is one line, the
// subject's id first, worded as the reference words it (contract/protocol-errors.json, log_formats).
//
// Thread-safe. debug() and trace() cost one load when their level is off.
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

namespace nats {

enum class LogLevel : std::uint8_t { info, warning, error, fatal, debug, trace };

class Log {
 public:
  virtual ~Log() = default;

  bool debug_enabled() const { return debug_.load(std::memory_order_relaxed); }
  bool trace_enabled() const { return trace_.load(std::memory_order_relaxed); }
  void set_levels(bool debug, bool trace) {
    debug_.store(debug, std::memory_order_relaxed);
    trace_.store(trace, std::memory_order_relaxed);
  }

  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) {
    write(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    write(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) {
    write(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void fatal(fmt::format_string<Args...> format, Args&&... args) {
    write(LogLevel::fatal, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) {
    if (debug_enabled()) write(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void trace(fmt::format_string<Args...> format, Args&&... args) {
    if (trace_enabled()) write(LogLevel::trace, fmt::format(format, std::forward<Args>(args)...));
  }

  virtual void write(LogLevel level, std::string_view message) = 0;
  // A fatal line ends the reference, but not where lines go to syslog.
  virtual bool outlives_fatal() const { return false; }

 private:
  std::atomic<bool> debug_{false};
  std::atomic<bool> trace_{false};
};

}  // namespace nats
