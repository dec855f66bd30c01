// A server that this program started itself: its log, and its end whatever happens, even to this program.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace natstwin::load {

class Child {
 public:
  // Standard output and error go to log(). started_ns() is read just before fork().
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  std::uint64_t started_ns() const { return started_ns_; }
  // Waits at most that long for more of the log, and takes it.
  const std::string& wait_for_log(std::uint64_t timeout_ns);
  bool running();
  // SIGTERM, and SIGKILL after five seconds.
  void end();

 private:
  pid_t pid_ = -1;
  int log_fd_ = -1;
  bool reaped_ = false;
  std::uint64_t started_ns_ = 0;
  std::string log_;
};

}  // namespace natstwin::load
