#include "tools/load/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "tools/load/clock.h"
#include "tools/load/failure.h"

namespace natstwin::load {

namespace {

[[noreturn]] void run_in_child(const std::vector<char*>& words, int log_fd, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent && dup2(log_fd, STDOUT_FILENO) >= 0 && dup2(log_fd, STDERR_FILENO) >= 0) {
    execv(words[0], words.data());
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", words[0], std::strerror(errno));
  }
  _exit(127);
}

}  // namespace

Child::Child(const std::vector<std::string>& command) {
  if (command.empty()) throw Failure("no server given after --");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) fail_with_errno("pipe2");
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = getpid();
  started_ns_ = now_ns();
  pid_ = fork();
  if (pid_ == 0) run_in_child(words, ends[1], parent);
  const int error = errno;
  close(ends[1]);
  log_fd_ = ends[0];
  if (pid_ < 0) {
    close(log_fd_);
    errno = error;
    fail_with_errno("fork");
  }
}

Child::~Child() {
  end();
  close(log_fd_);
}

const std::string& Child::wait_for_log(std::uint64_t timeout_ns) {
  pollfd ready{.fd = log_fd_, .events = POLLIN, .revents = 0};
  const timespec timeout{.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000U),
                         .tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000U)};
  if (ppoll(&ready, 1, &timeout, nullptr) > 0) {
    std::array<char, 4096> bytes;
    for (ssize_t count = 0; (count = read(log_fd_, bytes.data(), bytes.size())) > 0;)
      log_.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return log_;
}

bool Child::running() {
  if (!reaped_) reaped_ = waitpid(pid_, nullptr, WNOHANG) != 0;
  return !reaped_;
}

void Child::end() {
  if (!running()) return;
  kill(pid_, SIGTERM);
  const std::uint64_t give_up = now_ns() + seconds_to_ns(5);
  while (running() && now_ns() < give_up) usleep(1000);
  if (!running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  reaped_ = true;
}

}  // namespace natstwin::load
