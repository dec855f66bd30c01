#include "server/sys/real/real_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "server/base/check.h"
#include "server/sys/real/address.h"
#include "server/sys/real/clocks.h"
#include "server/sys/real/posix_error.h"
#include "server/sys/real/real_signals.h"

namespace nats::sys {

namespace {

std::int64_t cpu_used_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto ms = [](const timeval& time) { return std::int64_t{time.tv_sec} * 1000 + time.tv_usec / 1000; };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

std::int64_t monotonic_seconds() { return read_monotonic_clock().ns / 1'000'000'000; }

void write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return;  // nowhere left to complain to
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

RealProcess::RealProcess() : sampled_at_s_(monotonic_seconds()) {}

int RealProcess::pid() const { return ::getpid(); }

int RealProcess::cores() const {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return 1;
  return std::max(1, CPU_COUNT(&allowed));
}

std::string RealProcess::executable_name() const { return program_invocation_short_name; }

std::string RealProcess::invocation_name() const { return program_invocation_name; }

std::string RealProcess::working_directory() const {
  std::unique_ptr<char, decltype(&::free)> path(::getcwd(nullptr, 0), &::free);
  return path ? path.get() : "/";
}

std::string RealProcess::host_name() const {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::vector<int> RealProcess::pids_of_programs(std::string_view name) const {
  std::vector<int> pids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string folder = entry.path().filename();
    int pid = 0;
    if (std::from_chars(folder.data(), folder.data() + folder.size(), pid).ec != std::errc()) continue;
    std::ifstream file(entry.path() / "comm");  // gone when the process has ended meanwhile
    std::string command;
    if (std::getline(file, command) && command.find(name) != std::string::npos) pids.push_back(pid);
  }
  std::ranges::sort(pids);
  return pids;
}

Result<void> RealProcess::send_signal(int pid, Signal signal) {
  if (::kill(pid, signal_number(signal)) == 0) return {};
  return fail(errno_code(errno), errno_text(errno));
}

std::optional<std::string> RealProcess::environment(std::string_view name) const {
  const char* value = std::getenv(std::string(name).c_str());
  if (!value) return std::nullopt;
  return value;
}

std::vector<std::string> RealProcess::interface_addresses() const {
  std::vector<std::string> result;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return result;
  for (ifaddrs* entry = first; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) || (entry->ifa_flags & IFF_LOOPBACK)) continue;
    int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    SocketAddress address;
    std::memcpy(&address.storage, entry->ifa_addr,
                family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    IpAddress ip = to_ip_address(address);
    ip.scope = 0;  // the reference lists addresses without their zone
    result.push_back(ip.endpoint().host);
  }
  ::freeifaddrs(first);
  return result;
}

void RealProcess::sample_cpu() {
  std::int64_t now_s = monotonic_seconds();
  std::int64_t used_ms = cpu_used_ms();
  std::int64_t elapsed_s = now_s - sampled_at_s_;
  if (elapsed_s > 0) cpu_permille_ = (used_ms - sampled_cpu_ms_) / elapsed_s;
  sampled_at_s_ = now_s;
  sampled_cpu_ms_ = used_ms;
}

ResourceUse RealProcess::resource_use() const {
  ResourceUse use;
  use.cpu_percent = static_cast<double>(cpu_permille_.load()) / 10.0;
  unsigned long total_pages = 0;
  unsigned long resident_pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%lu %lu", &total_pages, &resident_pages) != 2) resident_pages = 0;
    std::fclose(file);
  }
  use.resident_bytes = std::uint64_t{resident_pages} * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return use;
}

std::uint64_t RealProcess::memory_total_bytes() const {
  struct sysinfo info {};
  if (::sysinfo(&info) != 0) return 0;
  return std::uint64_t{info.totalram} * info.mem_unit;
}

void RealEntropy::fill(std::span<char> out) {
  while (!out.empty()) {
    ssize_t count = ::getrandom(out.data(), out.size(), 0);
    if (count < 0) {
      NATS_CHECK(errno == EINTR);
      continue;
    }
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

void RealConsole::write_out(std::string_view text) { write_whole(STDOUT_FILENO, text); }
void RealConsole::write_error(std::string_view text) { write_whole(STDERR_FILENO, text); }
bool RealConsole::error_is_terminal() const { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace nats::sys
