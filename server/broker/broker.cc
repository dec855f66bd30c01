#include "server/broker/broker.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "server/broker/session/loop_clients.h"

namespace nats::broker {
namespace {

constexpr Duration log_again_after = Duration::from_seconds(1);
// Less is the two clocks' drift.
constexpr Duration wall_step_min = Duration::from_ms(500);

}  // namespace

Broker::Broker(sys::Ground& ground, Log& log, std::shared_ptr<const config::Options> options, ServerInfo info)
    : ground_(ground),
      log_(log),
      user_entropy_(ground.entropy().next_u64()),
      config_loaded_(ground.wall_now()),
      closed_clients_max_(static_cast<std::size_t>(std::max(options->max_closed_clients, 0))),
      accounts_(*options, ground.loop_count()),
      last_client_id_(options->no_system_account ? 0 : internal_clients),
      wall_offset_ns_(ground.wall_now().unix_ns - ground.now().ns) {
  std::shared_ptr<Settings> settings = make_settings(std::move(options), std::move(info));
  info_at_start_ = &settings->info;
  settings_ = std::move(settings);
  loops_.reserve(static_cast<std::size_t>(ground.loop_count()));
  for (int i = 0; i < ground.loop_count(); ++i)
    loops_.push_back(
        std::make_unique<LoopBroker>(ground.loop(i), loops_, settings_, ground.entropy().next_u64()));
  for (int i = 0; i < ground.loop_count(); ++i)
    clients_.push_back(std::make_unique<LoopClients>(*this, *loops_[static_cast<std::size_t>(i)]));
}

Broker::~Broker() = default;

std::shared_ptr<Settings> Broker::make_settings(std::shared_ptr<const config::Options> options,
                                                ServerInfo info) const {
  auto settings = std::make_shared<Settings>();
  settings->authenticator = auth::Authenticator::build(*options, user_entropy_);
  settings->accounts =
      AccountSettings::build(*options, accounts_, settings_ ? settings_->accounts.get() : nullptr);
  settings->options = std::move(options);
  settings->info = std::move(info);
  return settings;
}

void Broker::adopt(std::shared_ptr<const config::Options> options, ServerInfo info, sys::Task done) {
  accounts_.add(*options);
  settings_ = make_settings(std::move(options), std::move(info));
  auto take = [this, settings = settings_](int index, const std::shared_ptr<Barrier>& barrier) {
    loop(index).adopt(settings);
    clients(index).take_settings();
    barrier->arrive();
  };
  on_each_loop(std::move(take), std::move(done));
}

void Broker::on_each_loop(Visit visit, sys::Task done) {
  auto barrier = std::make_shared<Barrier>(ground_.loop(0), loop_count(), std::move(done));
  auto shared_visit = std::make_shared<const Visit>(std::move(visit));
  for (int i = 0; i < loop_count(); ++i)
    ground_.loop(i).post([i, barrier, shared_visit] { (*shared_visit)(i, barrier); });
}

Duration Broker::wall_offset() {
  std::int64_t offset = ground_.wall_now().unix_ns - ground_.now().ns;
  std::int64_t known = wall_offset_ns_.load(std::memory_order_relaxed);
  if (std::abs(offset - known) > wall_step_min.ns) {
    wall_offset_ns_.store(offset, std::memory_order_relaxed);
    known = offset;
  }
  return {known};
}

void Broker::remember_closed(ClientSnapshot&& client) {
  std::lock_guard lock(closed_mutex_);
  if (closed_clients_max_ == 0) return;
  if (closed_.size() < closed_clients_max_) {
    closed_.push_back(std::move(client));
    return;
  }
  closed_[closed_next_] = std::move(client);
  closed_next_ = (closed_next_ + 1) % closed_clients_max_;
}

std::vector<ClientSnapshot> Broker::closed_clients() const {
  std::lock_guard lock(closed_mutex_);
  std::vector<ClientSnapshot> clients;
  clients.reserve(closed_.size());
  for (std::size_t i = 0; i < closed_.size(); ++i)
    clients.push_back(closed_[(closed_next_ + i) % closed_.size()]);
  return clients;
}

bool Broker::may_log_again(const std::string& text, Instant now) {
  std::lock_guard lock(logged_mutex_);
  std::erase_if(logged_, [&](const auto& entry) { return now - entry.second >= log_again_after; });
  for (const auto& entry : logged_)
    if (entry.first == text) return false;
  logged_.emplace_back(text, now);
  return true;
}

}  // namespace nats::broker
