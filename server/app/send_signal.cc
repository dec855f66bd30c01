#include "server/app/send_signal.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::app {

namespace {

constexpr std::string_view program = "nats-server";

struct Command {
  std::string_view name;
  sys::Signal signal;
};

constexpr std::array commands{
    Command{"stop", sys::Signal::kill},    Command{"quit", sys::Signal::interrupt},
    Command{"reopen", sys::Signal::user1}, Command{"reload", sys::Signal::hangup},
    Command{"ldm", sys::Signal::user2},    Command{"term", sys::Signal::terminate},
};

// Who is meant: all, one pid, or those whose pids begin so.
struct Target {
  std::string pid;  // "" : whoever runs
  bool pattern = false;

  bool needs_lookup() const { return pid.empty() || pattern; }
  bool fits(int candidate) const {
    const std::string text = std::to_string(candidate);
    return pid.empty() || text == pid || (pattern && text.starts_with(pid));
  }
};

Target parse_target(std::string_view text) {
  const bool pattern = text.ends_with('*');
  if (pattern) text.remove_suffix(1);
  return {std::string(text), pattern};
}

Result<std::vector<int>> find_pids(sys::Process& process, const Target& target) {
  std::vector<int> pids;
  if (!target.pid.empty()) {
    Result<std::int64_t> number = config::text::parse_int(target.pid, "Atoi");
    if (!number) return fail(ErrorCode::invalid_argument, fmt::format("invalid pid: {}", target.pid));
    pids = {static_cast<int>(*number)};
  }
  if (target.needs_lookup()) {
    pids = process.pids_of_programs(program);
    std::erase(pids, process.pid());
  }
  if (pids.empty()) return fail(ErrorCode::not_found, fmt::format("no {} processes running", program));
  if (pids.size() == 1 || target.pattern) return pids;
  std::string text = fmt::format("multiple {} processes running:", program);
  for (int pid : pids) text += fmt::format("\n{}", pid);
  return fail(ErrorCode::invalid_argument, text);
}

}  // namespace

Result<void> send_signal(sys::Process& process, const config::SignalRequest& request) {
  const Target target = parse_target(request.process);
  const std::vector<int> pids = NATS_TRY(find_pids(process, target));
  const auto command = std::ranges::find(commands, request.command, &Command::name);
  if (command == commands.end())
    return fail(ErrorCode::invalid_argument,
                fmt::format("unknown signal {}", gojson::go_quote(request.command)));
  std::string failures;
  for (int pid : pids) {
    if (!target.fits(pid)) continue;
    if (Result<void> sent = process.send_signal(pid, command->signal); !sent)
      failures +=
          fmt::format("\nsignal {} {}: {}", gojson::go_quote(request.command), pid, sent.error().detail);
  }
  if (failures.empty()) return {};
  return fail(ErrorCode::other, failures);
}

}  // namespace nats::app
