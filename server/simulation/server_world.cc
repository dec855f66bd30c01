#include "server/simulation/server_world.h"

#include <fmt/core.h>

#include <cstdlib>
#include <utility>

namespace nats::simulation {
namespace {

constexpr std::uint16_t client_port = 4222;
constexpr std::string_view configuration_file = "server.conf";

sys::SimOptions with_seed(std::uint64_t seed) {
  sys::SimOptions options;
  options.seed = seed;
  return options;
}

}  // namespace

void WorldLog::write(LogLevel level, std::string_view message) {
  if (level == LogLevel::error || level == LogLevel::fatal || level == LogLevel::warning)
    errors_.emplace_back(message);
}

ServerWorld::ServerWorld(const ServerWorldPlan& plan) : plan_(plan), world_(with_seed(plan.seed)) {
  servers_.resize(static_cast<std::size_t>(plan.servers));
  for (int i = 0; i < plan.servers; ++i) start_server(i);
  for (int i = 0; i < plan.servers; ++i) start_clients(i);
}

// Clients and servers go before the grounds they stand on.
ServerWorld::~ServerWorld() {
  for (Host& host : servers_) {
    host.clients.clear();
    host.client_ground.reset();
    host.reload.reset();
    host.server.reset();
    host.ground.reset();
  }
}

void ServerWorld::start_server(int index) {
  Host& host = servers_[static_cast<std::size_t>(index)];
  sys::SimGroundOptions ground;
  ground.name = server_name(index);
  host.ground = world_.make_ground(ground);
  auto options = std::make_shared<config::Options>();
  options->host = host.ground->address();
  options->port = client_port;
  if (plan_.from_file) *options = read_configuration(index);
  host.server = std::make_unique<app::Server>(*host.ground, log_, options);
  auto configure_log = [this](const config::Options& next) {
    log_.set_levels(next.debug, next.trace);
    return true;
  };
  host.reload = std::make_unique<app::Reload>(*host.ground, *host.server, config::Flags{}, configure_log);
  host.ground->loop(0).post([this, index] {
    Result<void> started = server(index).start();
    if (!started) violation_ = started.error().detail;
  });
}

// Everybody is one user, who may see less now and then. The denied subjects overlap with what clients
// subscribe to, so that each delivery must pass the filter.
void ServerWorld::write_configuration(int index) {
  sys::SimGround& ground = *servers_[static_cast<std::size_t>(index)].ground;
  std::uint64_t number = configurations_++;
  sys::Random& random = world_.random();
  std::string text = fmt::format(
      "listen: \"{}:{}\"\nserver_tags: [\"number:{}\"]\nno_auth_user: all\n"
      "max_payload: {}\nmax_control_line: {}\nping_interval: \"{}s\"\nwrite_deadline: \"{}s\"\n"
      "authorization {{ users = [ {{user: all, password: p, permissions: {}}} ] }}\n{}",
      ground.address(), client_port, number, 1000 + random.below(1000), 512 + random.below(512),
      10 + random.below(10), 1 + random.below(10),
      number % 3 == 0 ? "{}" : fmt::format("{{subscribe: {{deny: \"world.secret{}\"}}}}", number % 5),
      accounts_text(number));
  Result<void> written = sys::write_file(ground.files(), configuration_file, text);
  if (!written) violation_ = written.error().detail;
}

// A user for each account. Limits come and go, but nobody ever meets them.
std::string ServerWorld::accounts_text(std::uint64_t number) {
  if (plan_.accounts == 0) return {};
  std::string text = "accounts {\n";
  bool without_last = number % 4 == 3;
  for (int i = 0; i < plan_.accounts - (without_last ? 1 : 0); ++i) {
    std::string limits = number % 2 == 0 ? "" : ", limits { max_connections: 1000, max_subscriptions: 10 }";
    text += fmt::format("  A{} {{ users: [ {{user: u{}, password: u{}}} ]{} }}\n", i, i, i, limits);
  }
  return text + "}\n";
}

// A message stays in the account of whoever published it.
std::string ServerWorld::check_account(std::uint32_t subscriber, std::string_view payload) const {
  if (plan_.accounts == 0) return {};
  auto publisher = static_cast<std::uint32_t>(std::strtoul(std::string(payload).c_str(), nullptr, 10));
  if (account_of(publisher) == account_of(subscriber)) return {};
  return fmt::format("subscriber {} got a message of publisher {}, who is in another account", subscriber,
                     publisher);
}

config::Options ServerWorld::read_configuration(int index) {
  sys::SimGround& ground = *servers_[static_cast<std::size_t>(index)].ground;
  write_configuration(index);
  config::Options named;
  named.config_file = configuration_file;
  auto none = [](std::string_view) { return std::optional<std::string>(); };
  Result<config::Options> read = config::options_for_reload(named, {}, ground.files(), none);
  if (read) return *std::move(read);
  violation_ = read.error().detail;
  return named;
}

void ServerWorld::reload() {
  auto index = static_cast<int>(world_.random().below(servers_.size()));
  write_configuration(index);
  Host& host = servers_[static_cast<std::size_t>(index)];
  host.ground->loop(0).post([this, &host] {
    host.reload->request([this](Result<void> outcome) {
      ++reloads_;
      if (!outcome && violation_.empty()) violation_ = outcome.error().detail;
    });
  });
}

void ServerWorld::start_clients(int index) {
  Host& host = servers_[static_cast<std::size_t>(index)];
  sys::SimGroundOptions ground;
  ground.name = clients_name(index);
  ground.loops = 1;
  host.client_ground = world_.make_ground(ground);
  for (int i = 0; i < plan_.clients_per_server; ++i) {
    WorldClientPlan client;
    client.number = static_cast<std::uint32_t>(index * plan_.clients_per_server + i + 1);
    client.server = {host.ground->address(), client_port};
    if (plan_.accounts > 0) {
      std::uint64_t account = account_of(client.number);
      client.user = fmt::format("u{}", account);
      client.may_be_refused = account + 1 == static_cast<std::uint64_t>(plan_.accounts);
    }
    if (i < plan_.publishers_per_server) {
      client.publishes = fmt::format("world.{}", i);
      client.messages_per_burst = plan_.messages_per_burst;
      client.pause = plan_.pause;
    } else {
      client.subscribes = i % 5 == 0 ? "world.*" : fmt::format("world.{}", i % plan_.publishers_per_server);
    }
    host.clients.push_back(
        std::make_unique<WorldClient>(*host.client_ground, host.client_ground->loop(0), client,
                                      [this](std::uint32_t subscriber, std::string_view payload) {
                                        std::string broken = checker_.on_delivered(subscriber, payload);
                                        if (broken.empty()) broken = check_account(subscriber, payload);
                                        if (violation_.empty()) violation_ = std::move(broken);
                                      }));
    WorldClient& made = *host.clients.back();
    host.client_ground->loop(0).post([&made] { made.start(); });
  }
}

std::string ServerWorld::violation() const {
  std::string text = violation_;
  for (const Host& host : servers_) {
    for (const auto& client : host.clients)
      if (text.empty()) text = client->failure();
  }
  return text.empty() ? text : fmt::format("{} ({})", text, world_.describe());
}

std::uint64_t ServerWorld::reconnects() const {
  std::uint64_t count = 0;
  for (const Host& host : servers_)
    for (const auto& client : host.clients) count += client->reconnects();
  return count;
}

std::uint64_t ServerWorld::refusals() const {
  std::uint64_t count = 0;
  for (const Host& host : servers_)
    for (const auto& client : host.clients) count += client->refusals();
  return count;
}

std::string ServerWorld::server_name(int index) const { return fmt::format("server-{}", index); }
std::string ServerWorld::clients_name(int index) const { return fmt::format("clients-{}", index); }

void ServerWorld::disturb() {
  std::uint64_t choice = world_.random().below(16);
  if (choice > 0) {
    world_.break_one(choice == 1 ? sys::Break::half_open : sys::Break::reset);
    return;
  }
  if (parted_ >= 0) {
    world_.heal(server_name(parted_), clients_name(parted_));
    parted_ = -1;
    return;
  }
  parted_ = static_cast<int>(world_.random().below(static_cast<std::uint64_t>(plan_.servers)));
  world_.partition(server_name(parted_), clients_name(parted_));
}

}  // namespace nats::simulation
