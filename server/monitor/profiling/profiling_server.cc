#include "server/monitor/profiling/profiling_server.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>
#include <utility>

#include "server/base/check.h"
#include "server/monitor/http_params.h"
#include "server/monitor/profiling/expvar.h"
#include "server/monitor/profiling/profile_pages.h"
#include "server/monitor/route.h"
#include "server/sys/timer.h"

namespace nats::monitor {

namespace {

constexpr std::string_view prefix = "/debug/pprof/";
constexpr std::int64_t default_seconds = 30;
// Longer than anybody waits, and no overflow in nanoseconds.
constexpr std::int64_t seconds_max = std::numeric_limits<std::int32_t>::max();

// As Go's Atoi where errors do not matter: nonsense is 0.
std::int64_t number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return text.starts_with('-') ? std::numeric_limits<std::int64_t>::min()
                                 : std::numeric_limits<std::int64_t>::max();
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

Duration seconds(std::int64_t count) { return Duration::from_seconds(std::min(count, seconds_max)); }

}  // namespace

class ProfilingServer::Running final : public sys::Timer {
 public:
  Running(ProfilingServer& server, Reply connection, std::move_only_function<HttpAnswer()> finish)
      : server_(server), connection_(std::move(connection)), finish_(std::move(finish)) {}
  ~Running() override { server_.loop_.disarm(*this); }

  void on_timer(Instant) override {
    server_.answer(std::move(connection_), std::move(finish_));
    server_.forget(*this);
  }
  // The server ends: what was begun is undone.
  void abandon() { static_cast<void>(finish_()); }

 private:
  ProfilingServer& server_;
  Reply connection_;
  std::move_only_function<HttpAnswer()> finish_;
};

ProfilingServer::ProfilingServer(sys::Ground& ground, sys::Loop& loop, std::vector<std::string> command_line)
    : ground_(ground),
      loop_(loop),
      diagnostics_(*ground.diagnostics()),
      command_line_(std::move(command_line)) {}

ProfilingServer::~ProfilingServer() {
  for (auto& [key, running] : running_) running->abandon();
}

Result<std::unique_ptr<ProfilingServer>> ProfilingServer::start(sys::Ground& ground, sys::Loop& loop,
                                                                const sys::Endpoint& at, Log& log,
                                                                std::vector<std::string> command_line) {
  NATS_CHECK(ground.diagnostics());
  std::unique_ptr<ProfilingServer> server(new ProfilingServer(ground, loop, std::move(command_line)));
  server->http_ = NATS_TRY(HttpServer::start(ground, loop, at, *server, log));
  return server;
}

void ProfilingServer::on_request(const HttpRequest& request, Reply connection) {
  const auto reply = connection.lock();
  if (auto early = answer_before_routing(request)) return reply->respond(std::move(*early));
  const std::string& path = request.target.path;
  if (path + "/" == prefix) return reply->respond(redirect(request, prefix));
  const bool profile = path.starts_with(prefix);
  if (!profile && path != "/debug/vars") return reply->respond(error_answer(404, "404 page not found"));
  if (request.method != "GET" && request.method != "HEAD") {
    HttpAnswer refusal = error_answer(405, "Method Not Allowed");
    refusal.headers.insert(refusal.headers.begin(), {"Allow", "GET, HEAD"});
    return reply->respond(std::move(refusal));
  }
  if (!profile)
    return answer(std::move(connection),
                  [&d = diagnostics_, words = command_line_] { return expvar_answer(d, words); });
  const std::string name = path.substr(prefix.size());
  if (name == "cmdline") return reply->respond(command_line_answer(command_line_));
  if (name == "symbol")
    return answer(std::move(connection),
                  [&d = diagnostics_, query = request.target.query] { return symbol_answer(d, query); });
  answer_profile(name, HttpParams(request.target.query), std::move(connection));
}

void ProfilingServer::answer_profile(std::string_view name, const HttpParams& params, Reply connection) {
  if (name.empty()) return answer(std::move(connection), [&d = diagnostics_] { return index_answer(d); });
  if (name == "profile") return start_cpu_profile(params, std::move(connection));
  const auto reply = connection.lock();
  if (name == "trace")
    return reply->respond(profile_error(500, "Could not enable tracing: not supported by this server"));
  const ProfileKind* kind = find_profile_kind(name);
  if (!kind) return reply->respond(profile_error(404, "Unknown profile"));
  if (!params.get("seconds").empty()) return start_difference(*kind, params, std::move(connection));
  const std::int64_t debug = number(params.get("debug"));
  answer(std::move(connection), [&d = diagnostics_, kind, debug] {
    if (debug != 0) return profile_text_answer(kind->text(d, debug));
    return profile_file_answer(kind->name, encode_profile(kind->collect(d), d));
  });
}

void ProfilingServer::start_difference(const ProfileKind& kind, const HttpParams& params, Reply connection) {
  const auto reply = connection.lock();
  const std::int64_t wanted = number(params.get("seconds"));
  if (wanted <= 0)
    return reply->respond(profile_error(400, "invalid value for \"seconds\" - must be a positive integer"));
  if (number(params.get("debug")) != 0)
    return reply->respond(profile_error(400, "seconds and debug params are incompatible"));
  auto earlier = std::make_shared<Profile>();
  // Workers may be at it when this server is gone.
  auto collect = [&d = diagnostics_, &ground = ground_, &kind] {
    Profile profile = kind.collect(d);
    profile.at = ground.wall_now();
    return profile;
  };
  auto begin = [earlier, collect] { *earlier = collect(); };
  auto finish = [&d = diagnostics_, &kind, earlier, collect] {
    return profile_file_answer(fmt::format("{}-delta", kind.name),
                               encode_profile(difference(*earlier, collect()), d));
  };
  ground_.workers().run(begin, loop_, [this, wanted, finish, connection = std::move(connection)] {
    if (!connection.expired()) finish_later(connection, seconds(wanted), finish);
  });
}

void ProfilingServer::start_cpu_profile(const HttpParams& params, Reply connection) {
  std::int64_t wanted = number(params.get("seconds"));
  if (wanted <= 0) wanted = default_seconds;
  if (const auto started = diagnostics_.start_cpu_profile(); !started)
    return connection.lock()->respond(
        profile_error(500, fmt::format("Could not enable CPU profiling: {}", started.error().detail)));
  finish_later(std::move(connection), seconds(wanted), [&d = diagnostics_] {
    return profile_file_answer("profile", encode_profile(cpu_profile(d.stop_cpu_profile()), d));
  });
}

void ProfilingServer::finish_later(Reply connection, Duration after,
                                   std::move_only_function<HttpAnswer()> finish) {
  auto running = std::make_unique<Running>(*this, std::move(connection), std::move(finish));
  loop_.arm(*running, loop_.now() + after);
  running_.emplace(running.get(), std::move(running));
}

void ProfilingServer::forget(Running& running) { running_.erase(&running); }

void ProfilingServer::answer(Reply connection, std::move_only_function<HttpAnswer()> make) {
  auto made = std::make_shared<HttpAnswer>();
  ground_.workers().run([made, make = std::move(make)]() mutable { *made = make(); }, loop_,
                        [made, connection = std::move(connection)] {
                          if (const auto reply = connection.lock()) reply->respond(std::move(*made));
                        });
}

}  // namespace nats::monitor
