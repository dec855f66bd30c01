// Which account a client is in, and what that allows it.
#include <algorithm>
#include <limits>
#include <utility>

#include "server/auth/authenticator.h"
#include "server/base/check.h"
#include "server/broker/broker.h"
#include "server/broker/session/client_session.h"

namespace nats::broker {

AccountInterest& ClientSession::account_of(const auth::User& user) const {
  if (user.account.empty()) return broker_.global_account();
  AccountInterest* account = loop_.settings().accounts->find(user.account);
  // Users come from the blocks of their accounts. Nobody may end up in another one.
  NATS_CHECK(account);
  return *account;
}

bool ClientSession::join_account(AccountInterest& account) {
  leave_account();
  account_ = &account;
  outlet_->set_account(account);
  apply_account_limits();
  std::int64_t most = loop_.settings().accounts->of(account).limits.max_connections;
  std::int64_t before = account.clients.fetch_add(1, std::memory_order_relaxed);
  counts_in_account_ = true;
  if (most < 0 || before < most) return true;
  leave_account();
  send_error(ClientError::max_account_connections_exceeded);
  // The reference says it where it happens, and now and then where it hears of it.
  log_error(row_of(ClientError::max_account_connections_exceeded).text);
  refused_ = true;
  close(CloseReason::max_account_connections_exceeded);
  log_rarely(LogLevel::error, row_of(ClientError::max_account_connections_exceeded).text);
  return false;
}

void ClientSession::leave_account() {
  if (std::exchange(counts_in_account_, false)) account_->clients.fetch_sub(1, std::memory_order_relaxed);
}

// The lower one of the account's and the server's limit holds.
void ClientSession::apply_account_limits() {
  std::int64_t of_server = loop_.settings().options->max_payload;
  std::int64_t of_account = loop_.settings().accounts->of(*account_).limits.max_payload;
  constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
  parser_.settings.payload_max =
      std::min(of_server >= 0 ? of_server : none, of_account >= 0 ? of_account : none);
}

// Negative: as many as it likes.
std::int64_t ClientSession::subscriptions_max() const {
  std::int64_t of_account = loop_.settings().accounts->of(*account_).limits.max_subscriptions;
  std::int64_t of_server = loop_.settings().options->max_subscriptions;
  if (of_server <= 0) return of_account;
  return of_account < 0 ? of_server : std::min(of_server, of_account);
}

}  // namespace nats::broker
