#include "server/app/server.h"

#include <fmt/core.h>

#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "server/app/feature_flags.h"
#include "server/app/monitoring.h"
#include "server/app/ocsp.h"
#include "server/app/pid_file.h"
#include "server/app/ports_file.h"
#include "server/app/profiling.h"
#include "server/app/version.h"
#include "server/auth/server_identity.h"
#include "server/broker/session/loop_clients.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::app {
namespace {

constexpr std::int32_t payload_advised_max = 8 * 1024 * 1024;
constexpr std::int64_t connections_before_next_loop = 64;
constexpr Duration refusals_interval = Duration::from_seconds(1);

broker::ServerInfo make_info(sys::Ground& ground, const config::Options& options) {
  std::array<char, 2 * key_size> entropy;
  ground.entropy().fill(entropy);
  auth::ServerIdentity identity = auth::make_server_identity(entropy);
  broker::ServerInfo info;
  info.server_id = identity.id;
  info.server_name = options.server_name.empty() ? identity.id : options.server_name;
  info.version = reference_version;
  info.git_commit = git_commit;
  info.go = implementation;
  info.host = options.host;
  info.port = options.port;
  info.headers = !options.no_header_support;
  info.xkey = identity.curve_text;
  info.tls_required = options.tls && !options.allow_non_tls;
  info.tls_available = options.tls && options.allow_non_tls;
  info.tls_verify = options.tls && options.tls->verify;
  return info;
}

std::string host_port(const std::string& host, int port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

}  // namespace

Server::Server(sys::Ground& ground, Log& log, std::shared_ptr<const config::Options> options,
               std::vector<std::string> command_line)
    : ground_(ground), log_(log), command_line_(std::move(command_line)) {
  broker::ServerInfo info = make_info(ground, *options);
  ocsp_ = std::make_unique<Ocsp>(ground, log, [this] {
    if (on_ending_) on_ending_();
  });
  broker_ = std::make_unique<broker::Broker>(ground, log, std::move(options), std::move(info));
  broker_->set_tls_guard(ocsp_.get());
}

Server::~Server() = default;

void Server::prepare(std::move_only_function<void(Result<void>)> done) {
  ocsp_->prepare(broker_->settings().options, std::move(done));
}

Result<void> Server::start() {
  announce();
  NATS_TRY_VOID(endure(start_profiling()));
  announce_configuration();
  if (options().tls && !options().tls->context)
    return fail(ErrorCode::unsupported, "TLS is not available on this ground");
  Result<void> prepared = start_services();
  NATS_TRY_VOID(endure(prepared));
  if (prepared) NATS_TRY_VOID(endure(start_client_listener()));
  ocsp_->start_cache();
  log_.info("Server is ready");
  if (prepared && !options().ports_file_dir.empty()) write_ports_file();
  return {};
}

Result<void> Server::endure(Result<void> step) {
  if (step || !log_.outlives_fatal()) return step;
  log_.fatal("{}", step.error().detail);
  return {};
}

// What comes before clients. The first failure ends it.
Result<void> Server::start_services() {
  if (!options().pid_file.empty()) {
    if (Result<void> written = write_pid_file(); !written)
      return fail(written.error().code, fmt::format("Could not write pidfile: {}", written.error().detail));
  }
  services_ = std::make_unique<system::SystemServices>(*broker_);
  if (!options().no_system_account)
    log_.debug("Created system account: {}", gojson::go_quote(broker_->system_account().account.name));
  NATS_TRY_VOID(start_monitoring());
  ocsp_->start_monitors();
  return {};
}

void Server::announce() {
  const broker::ServerInfo& info = broker_->info();
  log_.info("Starting nats-server");
  log_.info("  Version:  {}", reference_version);
  log_.info("  Git:      [{}]", git_commit.empty() ? "not set" : git_commit);
  log_.debug("  Go build: {}", implementation);
  log_.info("  Name:     {}", info.server_name);
  log_.info("  ID:       {}", info.server_id);
  announce_feature_flags(options().feature_flags, log_);
  if (broker_->authenticator().has_plaintext_password())
    log_.warning("Plaintext passwords detected, use nkeys or bcrypt");
}

void Server::announce_configuration() {
  if (!options().config_file.empty()) {
    std::string digest = options().config_digest.empty() ? "" : fmt::format("({})", options().config_digest);
    log_.info("Using configuration file: {} {}", options().config_file, digest);
  }
  if (options().max_payload > payload_advised_max)
    log_.warning(
        "Maximum payloads over 8.00 MB are generally discouraged and could lead to poor performance");
}

Result<void> Server::write_pid_file() {
  return app::write_pid_file(ground_.files(), options().pid_file, ground_.process().pid());
}

Result<void> Server::start_client_listener() {
  int port = options().port == -1 ? 0 : options().port;
  std::string at = host_port(options().host, port);
  if (port < 0 || port > std::numeric_limits<std::uint16_t>::max()) {
    std::string reason = gojson::go_quote(fmt::format("listen tcp: address {}: invalid port", port));
    return fail(ErrorCode::address_invalid, fmt::format("Error listening on port: {}, {}", at, reason));
  }
  auto listener = ground_.listen({options().host, static_cast<std::uint16_t>(port)}, ground_.loop(0), *this);
  if (!listener) {
    std::string reason = gojson::go_quote(listener.error().detail);
    return fail(listener.error().code, fmt::format("Error listening on port: {}, {}", at, reason));
  }
  client_listener_ = std::move(*listener);
  log_.info("Listening for client connections on {}",
            host_port(options().host, client_listener_->local().port));
  if (options().proxy_protocol) log_.info("PROXY protocol enabled for client connections");
  announce_tls();
  Result<void> advertised = advertise(options(), broker_->info_at_start());
  if (advertised) return {};
  client_listener_.reset();
  return fail(advertised.error().code,
              fmt::format("Error setting server INFO with ClientAdvertise value of {}, err={}",
                          options().client_advertise, advertised.error().detail));
}

void Server::announce_tls() {
  if (!options().tls) return;
  // Allowed or not: who must begin with a handshake cannot do without one.
  bool only_first = options().tls->handshake_first && options().tls->first_fallback.ns <= 0;
  bool optional = options().allow_non_tls && !only_first;
  log_.info("TLS {} for client connections", optional ? "available" : "required");
  if (only_first)
    log_.warning("Clients that are not using \"TLS Handshake First\" option will fail to connect");
  if (options().tls->rate_limit > 0) ground_.loop(0).arm(*this, ground_.loop(0).now() + refusals_interval);
}

void Server::on_timer(Instant now) {
  if (std::uint64_t refused = broker_->tls_rate().take_refused(); refused > 0)
    log_.warning("Rejected {} connections due to TLS rate limiting", refused);
  if (!stopping_) ground_.loop(0).arm(*this, now + refusals_interval);
}

Result<void> Server::advertise(const config::Options& options, broker::ServerInfo& info) const {
  config::text::Address at{options.host, client_listener_ ? client_listener_->local().port : options.port};
  if (!options.client_advertise.empty())
    at = NATS_TRY(config::text::parse_address(options.client_advertise, at.port));
  info.host = std::move(at.host);
  info.port = at.port;
  return {};
}

Result<void> Server::start_profiling() {
  profiling_ = NATS_TRY(Profiling::start(ground_, log_, options(), command_line_));
  return {};
}

Result<void> Server::start_monitoring() {
  if (options().http_port == 0 && options().https_port == 0) return {};
  Result<std::unique_ptr<Monitoring>> started =
      Monitoring::start(ground_, log_, *broker_, *ocsp_, command_line_);
  if (!started)
    return fail(started.error().code, fmt::format("Can't start monitoring: {}", started.error().detail));
  monitoring_ = std::move(*started);
  return {};
}

sys::Endpoint Server::monitor_endpoint() const {
  return monitoring_ ? monitoring_->endpoint() : sys::Endpoint{};
}

void Server::write_ports_file() {
  // Only under a log that outlives fatal lines. The reference looks for five seconds before it says so.
  if (!client_listener_) return log_.error("Unable to resolve the ports in the specified time");
  PortsFile ports;
  std::vector<std::string> addresses = ground_.process().interface_addresses();
  ports.nats = listener_urls(options().tls && !options().allow_non_tls ? "tls" : "nats",
                             client_listener_->local(), addresses);
  if (monitoring_)
    ports.monitoring =
        listener_urls(options().https_port != 0 ? "https" : "http", monitoring_->endpoint(), addresses);
  if (std::optional<sys::Endpoint> at = profiling_ ? profiling_->endpoint() : std::nullopt)
    ports.profile = listener_urls("http", *at, addresses);
  sys::Process& process = ground_.process();
  std::string path = ports_file_path(options().ports_file_dir, process.executable_name(), process.pid());
  Result<void> written = app::write_ports_file(ground_.files(), path, ports);
  if (!written) log_.error("Error writing ports file ({}): {}", path, written.error().detail);
}

// The reference tries to remove it even where it could not be written, and logs both.
void Server::remove_ports_file(const std::string& directory) {
  if (directory.empty()) return;
  sys::Process& process = ground_.process();
  std::string path = ports_file_path(directory, process.executable_name(), process.pid());
  Result<void> removed = ground_.files().remove(path);
  if (!removed) log_.error("Error cleaning up ports file {}: {}", path, removed.error().detail);
}

// Neighbours on one loop spare each other a wake per message, so a loop is filled before the next one
// is begun (docs/decisions/001-placing-connections.md).
sys::Loop& Server::pick_loop() {
  int best = 0;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < ground_.loop_count(); ++i) {
    std::int64_t connections = broker_->clients(i).placed();
    if (connections < connections_before_next_loop) return ground_.loop(i);
    if (connections < fewest) {
      fewest = connections;
      best = i;
    }
  }
  return ground_.loop(best);
}

void Server::on_accept(std::unique_ptr<sys::Stream> stream) {
  int index = stream->loop().index();
  broker_->clients(index).accept(std::move(stream));
}

void Server::on_accept_error(const Error& error) {
  log_.error("Temporary Client Accept Error ({}), sleeping 10ms", error.detail);
}

void Server::enter_lame_duck_mode(std::function<void()> done) {
  if (stopping_ || lame_duck_ || !client_listener_) return;
  log_.info("Entering lame duck mode, stop accepting new clients");
  client_listener_.reset();
  auto stop = [this, done = std::move(done)] { shutdown(done); };
  lame_duck_ = std::make_unique<LameDuck>(*broker_, stop);
  if (broker_->counters().clients == 0) return stop();
  lame_duck_->begin();
}

void Server::shutdown(std::function<void()> done) {
  if (std::exchange(stopping_, true)) return;
  log_.info("Initiating Shutdown...");
  on_stopped_ = std::move(done);
  if (client_listener_) log_.debug("Client accept loop exiting..");
  client_listener_.reset();
  monitoring_.reset();
  profiling_.reset();
  loops_closing_ = ground_.loop_count();
  for (int i = 0; i < ground_.loop_count(); ++i) {
    ground_.loop(i).post([this, i] {
      broker_->clients(i).close_all(broker::CloseReason::server_shutdown);
      // In a later round, when what they were owed has been written.
      ground_.loop(i).post([this] {
        ground_.loop(0).post([this] {
          if (--loops_closing_ == 0) finish_shutdown();
        });
      });
    });
  }
}

void Server::finish_shutdown() {
  remove_ports_file(options().ports_file_dir);
  if (services_ && !options().no_system_account)
    log_.debug("SYSTEM - System connection closed: Client Closed");
  log_.info("Server Exiting..");
  ocsp_->stop_cache();
  on_stopped_();
}

}  // namespace nats::app
