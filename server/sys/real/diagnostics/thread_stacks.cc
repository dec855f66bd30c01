#include "server/sys/real/diagnostics/thread_stacks.h"

#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "server/sys/real/diagnostics/signal_stack.h"

namespace nats::sys {

namespace {

// A thread that sleeps on a disk answers only once it wakes.
constexpr auto patience = std::chrono::milliseconds(50);

enum class Asked : int { nobody, thread, walking, answered };

// What the handler and the asker share. Static: a late signal may come when nobody waits any more.
struct Question {
  std::atomic<Asked> state{Asked::nobody};
  std::atomic<int> thread{0};
  SignalStack stack;
};
Question question;
std::mutex asking;

int this_thread() { return static_cast<int>(::syscall(SYS_gettid)); }

void answer(int, void* context) {
  if (question.thread.load() != this_thread()) return;
  Asked expected = Asked::thread;
  if (!question.state.compare_exchange_strong(expected, Asked::walking)) return;
  question.stack.walk(context);
  question.state.store(Asked::answered);
}

CodeStack ask(int thread) {
  question.thread.store(thread);
  question.state.store(Asked::thread);
  if (::syscall(SYS_tgkill, ::getpid(), thread, SIGURG) != 0) {  // it is gone
    question.state.store(Asked::nobody);
    return {};
  }
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (question.state.load() != Asked::answered) {
    Asked expected = Asked::thread;
    if (std::chrono::steady_clock::now() > give_up &&
        question.state.compare_exchange_strong(expected, Asked::nobody))
      return {};
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  return question.stack.copy();
}

std::string read_task_file(int thread, std::string_view name) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/" + std::string(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

ThreadStack describe(int thread) {
  ThreadStack out;
  out.id = thread;
  out.name = read_task_file(thread, "comm");
  if (out.name.ends_with('\n')) out.name.pop_back();
  // "pid (name) state ...", where the name may hold anything.
  const std::string stat = read_task_file(thread, "stat");
  if (const std::size_t end = stat.rfind(')'); end != stat.npos && end + 2 < stat.size())
    out.state = stat[end + 2];
  return out;
}

std::vector<int> thread_ids() {
  std::vector<int> ids;
  DIR* tasks = ::opendir("/proc/self/task");
  if (!tasks) return {this_thread()};
  while (const dirent* entry = ::readdir(tasks)) {
    const std::string_view name = entry->d_name;
    int id = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), id).ec == std::errc()) ids.push_back(id);
  }
  ::closedir(tasks);
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

std::vector<ThreadStack> collect_thread_stacks() {
  std::lock_guard lock(asking);
  static const bool installed = (install_signal_handler(SIGURG, answer), true);
  static_cast<void>(installed);
  std::vector<ThreadStack> threads;
  for (int id : thread_ids()) {
    threads.push_back(describe(id));
    threads.back().asking = id == this_thread();
    threads.back().stack = ask(id);
  }
  std::ranges::stable_partition(threads, &ThreadStack::asking);
  return threads;
}

}  // namespace nats::sys
