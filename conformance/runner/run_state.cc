// What is read from outside: HTTP answers, and at the end of a scenario the state, the exit codes and
// the logs.
#include <fmt/core.h>
#include <signal.h>

#include <algorithm>
#include <array>

#include "conformance/runner/log_line.h"
#include "conformance/runner/net.h"
#include "conformance/runner/run.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using trace::Direction;

namespace {

constexpr int exit_timeout_ms = 10000;
constexpr std::array<std::string_view, 4> end_state{"/varz", "/connz", "/subsz", "/healthz"};
constexpr std::array<std::string_view, 6> sanitizer_reports{
    "ERROR: AddressSanitizer", "ERROR: LeakSanitizer",   "WARNING: ThreadSanitizer",
    "runtime error: ",         "FATAL: ThreadSanitizer", "panic: "};

}  // namespace

Flow Run::request_http(const Statement& statement) {
  for (const script::HttpRequest& request : statement.requests) {
    if (Flow flow = fetch(server(statement.actor), request); !flow) return flow;
  }
  return {};
}

Flow Run::fetch(Server& actor, const script::HttpRequest& request) {
  const auto target = script::expand(request.target, lookup());
  const auto body = script::expand(request.body, lookup());
  if (!target) return unresolved(target.error());
  if (!body) return unresolved(body.error());
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n", request.method, *target, actor.host(),
                                 actor.monitor_port());
  for (const script::Template& header : request.headers) {
    const auto line = script::expand(header, lookup());
    if (!line) return unresolved(line.error());
    text += *line + "\r\n";
  }
  if (!body->empty()) text += fmt::format("Content-Length: {}\r\n", body->size());
  text += "\r\n" + *body;
  const auto tap = options_.tap ? options_.tap(actor.name()) : nullptr;
  auto answer = exchange_http(actor.host(), actor.monitor_port(), text, request.method == "HEAD", tap.get(),
                              timeout_ms_);
  const std::string frame = names_.replace(request.method + " " + *target);
  if (answer) {
    record(actor.name(), Direction::state, frame, std::move(answer->leaves));
    return {};
  }
  record(actor.name(), Direction::state, frame, {{"error", trace::quote_bytes(answer.error())}});
  if (answer.error() == "timed out") return timed_out(actor.name(), frame);
  return {};
}

void Run::read_end_state() {
  for (auto& [name, actor] : servers_) {
    if (!actor->is_running() || !actor->has_monitor()) continue;
    for (const auto path : end_state) {
      script::HttpRequest request;
      request.target = {{false, std::string(path)}};
      // A server that does not answer is recorded; the end of the scenario goes on.
      if (!fetch(*actor, request)) break;
    }
  }
}

void Run::end_servers() {
  for (auto& [name, actor] : servers_) (void)end_server(*actor, SIGTERM, exit_timeout_ms);
  for (auto& [name, actor] : servers_) {
    actor->read_log();
    find_crashes(*actor);
    record_logs(*actor);
  }
}

void Run::record_logs(Server& actor) {
  for (const std::string& line : actor.log()) {
    const LogLine parsed = parse_log_line(line);
    std::vector<trace::Leaf> leaves{{"text", trace::quote_bytes(parsed.text)}};
    if (!parsed.level.empty()) leaves.push_back({"prefix", trace::quote_bytes(parsed.prefix)});
    record(actor.name(), Direction::log, parsed.level.empty() ? "LINE" : parsed.level, std::move(leaves));
  }
  for (const std::string& line : actor.output()) {
    record(actor.name(), Direction::log, "STDOUT", {{"text", trace::quote_bytes(line)}});
  }
}

void Run::find_crashes(Server& actor) {
  for (const std::string& line : actor.log()) {
    const auto found = std::ranges::find_if(sanitizer_reports, [&](std::string_view report) {
      return line.find(report) != std::string::npos && parse_log_line(line).level.empty();
    });
    if (found == sanitizer_reports.end()) continue;
    record(actor.name(), Direction::lifecycle, "CRASH", {{"reason", trace::quote_bytes(line)}});
    crash_ = {Outcome::crash, line, false};
    return;
  }
}

}  // namespace natstwin::runner
