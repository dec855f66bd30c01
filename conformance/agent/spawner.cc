#include "conformance/agent/spawner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>

extern char** environ;

namespace natstwin::agent {
namespace {

// All that the child needs, made before fork: after it only async-signal-safe calls are allowed.
struct Launch {
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  const char* directory = nullptr;
  int out = -1;
  int err = -1;
  int report = -1;  // closed by a successful exec; else errno is written to it
  pid_t parent = 0;
};

void fill_environment(const ProcessSpec& spec, Launch& launch) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& pair : spec.environment) replaced = replaced || pair.first == name;
    if (!replaced) launch.environment.emplace_back(text);
  }
  for (const auto& [name, value] : spec.environment) launch.environment.push_back(name + "=" + value);
  for (std::string& entry : launch.environment) launch.envp.push_back(entry.data());
  launch.envp.push_back(nullptr);
}

[[noreturn]] void fail(int report) {
  const int reason = errno;
  [[maybe_unused]] const auto written = write(report, &reason, sizeof reason);
  _exit(127);
}

[[noreturn]] void run_child(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(127);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, 0) < 0 || dup2(launch.out, 1) < 0 || dup2(launch.err, 2) < 0)
    fail(launch.report);
  const int report = fcntl(launch.report, F_DUPFD_CLOEXEC, 3);
  if (chdir(launch.directory) != 0) fail(report);
  for (int fd = 3; fd < 1024; ++fd) {
    if (fd != report) close(fd);
  }
  execvpe(launch.argv[0], launch.argv.data(), launch.envp.data());
  fail(report);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

int open_output(const std::string& path, int own) {
  if (path == own_output) return fcntl(own, F_DUPFD_CLOEXEC, 3);
  const char* name = path.empty() ? "/dev/null" : path.c_str();
  return open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

Result<int> fork_and_exec(const ProcessSpec& spec) {
  const Descriptor out(open_output(spec.stdout_path, STDOUT_FILENO));
  const Descriptor err(open_output(spec.stderr_path, STDERR_FILENO));
  int pipe_ends[2];
  if (out.get() < 0 || err.get() < 0 || pipe2(pipe_ends, O_CLOEXEC) != 0)
    return std::unexpected(std::string(strerror(errno)));
  const Descriptor read_end(pipe_ends[0]);
  Descriptor write_end(pipe_ends[1]);

  Launch launch;
  fill_environment(spec, launch);
  std::vector<std::string> words{spec.program};
  words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
  for (std::string& word : words) launch.argv.push_back(word.data());
  launch.argv.push_back(nullptr);
  launch.directory = spec.directory.empty() ? "." : spec.directory.c_str();
  launch.out = out.get();
  launch.err = err.get();
  launch.report = write_end.get();
  launch.parent = getpid();

  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(std::string(strerror(errno)));
  if (pid == 0) run_child(launch);
  write_end.reset();
  int reason = 0;
  if (read(read_end.get(), &reason, sizeof reason) == sizeof reason) {
    return std::unexpected("cannot start " + spec.program + ": " + strerror(reason));
  }
  return pid;
}

}  // namespace

Spawner::Spawner() : thread_([this] { serve(); }) {}

Spawner::~Spawner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<int> Spawner::spawn(const ProcessSpec& spec) {
  std::promise<Result<int>> promise;
  auto future = promise.get_future();
  {
    const std::lock_guard lock(mutex_);
    work_.push_back([&] { promise.set_value(fork_and_exec(spec)); });
  }
  changed_.notify_all();
  return future.get();
}

void Spawner::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !work_.empty(); });
    if (work_.empty()) return;
    const auto work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace natstwin::agent
