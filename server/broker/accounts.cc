#include "server/broker/accounts.h"

namespace nats::broker {
namespace {

constexpr Duration limit_log_interval = Duration::from_seconds(2);

}  // namespace

TrafficSum AccountInterest::traffic() const {
  TrafficSum sum;
  for (const LoopTraffic& loop : traffic_) sum += loop.counts;
  return sum;
}

bool AccountInterest::may_log_limit(Instant now) {
  std::int64_t logged = limit_logged_ns_.load(std::memory_order_relaxed);
  bool lately = logged >= 0 && now.ns - logged < limit_log_interval.ns;
  // Of two that ask at once one is told so.
  return !lately && limit_logged_ns_.compare_exchange_strong(logged, now.ns, std::memory_order_relaxed);
}

Accounts::Accounts(const config::Options& options, int loops) : loops_(loops) {
  std::string system = options.system_account;
  if (system.empty()) system = account::default_system_name;
  global_ = &make(std::string(account::global_name), false);
  system_ = &make(std::move(system), true);
  add(options);
}

void Accounts::add(const config::Options& options) {
  for (const config::Account& account : options.accounts)
    if (!find(account.name)) make(account.name, false);
}

AccountInterest* Accounts::find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

AccountInterest& Accounts::make(std::string name, bool system) {
  auto made =
      std::make_unique<AccountInterest>(account::Account{std::move(name), system}, all_.size(), loops_);
  AccountInterest& account = *all_.emplace_back(std::move(made));
  by_name_.emplace(account.account.name, &account);
  return account;
}

std::shared_ptr<const AccountSettings> AccountSettings::build(const config::Options& options,
                                                              const Accounts& accounts,
                                                              const AccountSettings* previous) {
  auto settings = std::make_shared<AccountSettings>();
  settings->entries_.resize(accounts.all().size());
  auto put = [&](AccountInterest& account) -> Entry& {
    settings->by_name_.emplace(account.account.name, &account);
    Entry& entry = settings->entries_[account.slot];
    entry.account = &account;
    return entry;
  };
  const Entry* before = previous ? &previous->of(accounts.global()) : nullptr;
  put(accounts.global()).mappings =
      account::SubjectMappings::build(options.mappings, before ? before->mappings.get() : nullptr);
  if (!options.no_system_account) put(accounts.system());
  for (const config::Account& configured : options.accounts) {
    Entry& entry = put(*accounts.find(configured.name));
    entry.limits = configured.limits;
    entry.mappings = account::SubjectMappings::build(configured.mappings, nullptr);
  }
  return settings;
}

AccountInterest* AccountSettings::find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<const AccountSettings::Entry*> AccountSettings::in_force() const {
  std::vector<const Entry*> out;
  for (const Entry& entry : entries_)
    if (entry.account) out.push_back(&entry);
  return out;
}

}  // namespace nats::broker
