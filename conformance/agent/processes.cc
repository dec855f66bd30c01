#include "conformance/agent/processes.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace natstwin::agent {

Processes::~Processes() {
  for (const auto& [id, child] : children_) {
    if (!reap(*child)) {
      kill(-child->pid, SIGKILL);
      waitpid(child->pid, nullptr, 0);
    }
    close(child->descriptor);
  }
}

Result<Process> Processes::start(const ProcessSpec& spec) {
  const auto pid = spawner_.spawn(spec);
  if (!pid) return std::unexpected(pid.error());
  auto child = std::make_shared<Child>();
  child->pid = *pid;
  child->descriptor = static_cast<int>(syscall(SYS_pidfd_open, *pid, 0));
  if (child->descriptor < 0) {
    const std::string reason = strerror(errno);
    kill(-*pid, SIGKILL);
    waitpid(*pid, nullptr, 0);
    return std::unexpected("pidfd_open: " + reason);
  }
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  children_.emplace(id, std::move(child));
  return Process{id, *pid};
}

std::shared_ptr<Processes::Child> Processes::find(std::uint64_t process) {
  const std::lock_guard lock(mutex_);
  const auto found = children_.find(process);
  return found == children_.end() ? nullptr : found->second;
}

std::optional<ExitStatus> Processes::reap(Child& child) {
  const std::lock_guard lock(child.mutex);
  if (child.exit) return child.exit;
  int status = 0;
  if (waitpid(child.pid, &status, WNOHANG) != child.pid) return std::nullopt;
  kill(-child.pid, SIGKILL);  // what it left behind in its group
  ExitStatus exit;
  if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
  if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
  child.exit = exit;
  return exit;
}

Result<void> Processes::signal(std::uint64_t process, int number) {
  const auto child = find(process);
  if (!child) return std::unexpected("no such process");
  if (reap(*child)) return {};
  if (kill(child->pid, number) != 0) return std::unexpected(std::string("kill: ") + strerror(errno));
  return {};
}

Result<std::optional<ExitStatus>> Processes::wait(std::uint64_t process, int timeout_ms) {
  const auto child = find(process);
  if (!child) return std::unexpected("no such process");
  if (const auto exit = reap(*child)) return exit;
  pollfd ended{child->descriptor, POLLIN, 0};
  if (poll(&ended, 1, timeout_ms) <= 0) return std::optional<ExitStatus>{};
  return reap(*child);
}

}  // namespace natstwin::agent
