// The server's log: lines to the terminal, to a file that it can rotate, or to syslog. Thread-safe; each line
// is one write.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/app/syslog.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/sys/files.h"
#include "server/sys/ground.h"

namespace nats::app {

struct LogSettings {
  bool time = true;
  bool utc = false;
  std::string file;             // empty: the terminal
  std::int64_t size_limit = 0;  // octets after which a file is rotated; 0: never
  std::int64_t files_max = 0;   // the file and its rotated predecessors; 0: all are kept
  // Without a file:
  bool syslog = false;
  std::string remote_syslog;  // an URL; goes before syslog
};

class LogWriter final : public Log {
 public:
  // Fails when the file cannot be opened or syslog not be reached: the program then prints
  // open_failure_line() and ends with 1. `ground` must outlive the writer.
  static Result<std::unique_ptr<LogWriter>> open(sys::Ground& ground, LogSettings settings);
  static std::string open_failure_line(const sys::Ground& ground, const Error& error);

  void write(LogLevel level, std::string_view message) override;
  bool outlives_fatal() const override;

  // A reload: other settings from now on. After a failure the old ones hold.
  Result<void> reconfigure(LogSettings settings);
  // SIGUSR1: the file was moved away, open it anew. As in the reference, files_max no longer holds
  // afterwards, and failing ends the program.
  Result<void> reopen();

 private:
  LogWriter(sys::Ground& ground, LogSettings settings);

  WallTime local_now() const;
  std::string line(LogLevel level, std::string_view message) const;

  // Under mutex_:
  Result<void> open_target();
  void begin_rotation();
  void write_to_file(std::string_view line);
  void rotate();
  void put_off_rotation(const Error& error);
  std::size_t write_direct(LogLevel level, std::string_view message);
  void purge();

  sys::Ground& ground_;
  const std::string pid_prefix_;
  const bool colored_;

  mutable std::mutex mutex_;  // guards:
  LogSettings settings_;
  std::unique_ptr<sys::File> file_;
  std::unique_ptr<Syslog> syslog_;  // null, as is file_: the terminal
  std::int64_t file_size_ = 0;
  std::int64_t size_limit_ = 0;  // grows while rotating fails
  bool write_failed_ = false;    // said so on the terminal
};

}  // namespace nats::app
