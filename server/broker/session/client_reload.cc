// What a reload does to a client that is connected already.
#include <fmt/core.h>

#include <limits>
#include <memory>
#include <utility>

#include "server/auth/authenticator.h"
#include "server/auth/certificate_map.h"
#include "server/broker/broker.h"
#include "server/broker/session/client_connection.h"
#include "server/broker/session/client_session.h"
#include "server/gojson/go_quote.h"
#include "server/sys/tls.h"

namespace nats::broker {

void ClientSession::take_settings() {
  const config::Options& options = *loop_.settings().options;
  parser_.settings.max_control_line = options.max_control_line;
  apply_account_limits();
}

void ClientSession::take_trace_level() {
  bool traces = broker_.log().trace_enabled();
  parser_.settings.trace_ops = traces;
  outlet_->set_trace_label(traces ? label() : std::string());
}

bool ClientSession::is_pinned() const {
  static const std::vector<sys::Certificate> none;
  const config::Tls* tls = loop_.settings().options->tls.get();
  if (!tls || tls->pinned_certs.empty()) return true;
  std::string objection = auth::pin_objection(tls->pinned_certs, tls_ && tls_->peers ? *tls_->peers : none);
  if (!objection.empty()) broker_.log().debug("{} - {}", label(), objection);
  return objection.empty();
}

bool ClientSession::has_lost_its_user() const {
  if (closed_ || waits_for_worker_) return false;
  const auth::Authenticator& authenticator = *loop_.settings().authenticator;
  bool by_nkey = !credentials_.nkey.empty();
  if (!by_nkey && credentials_.user.empty()) return false;
  std::shared_ptr<const auth::User> user =
      by_nkey ? authenticator.find_nkey(credentials_.nkey) : authenticator.find_user(credentials_.user);
  return !user || &account_of(*user) != account_;
}

bool ClientSession::has_lost_its_proxy() const {
  return !closed_ && proxy_ && !proxy_->key.empty() &&
         !loop_.settings().authenticator->trusts_proxy(proxy_->key);
}

void ClientSession::close_for_lost_proxy() {
  now_ = loop_.loop().now();
  refuse_authentication(CloseReason::proxy_not_trusted);
}

void ClientSession::reauthorize(const std::shared_ptr<Barrier>& barrier) {
  // One whose password a worker is looking at is checked with the new authenticator after that.
  if (closed_ || waits_for_worker_) return barrier->arrive();
  now_ = loop_.loop().now();
  auth::Credentials credentials = offered_credentials();
  std::shared_ptr<const auth::Authenticator> authenticator = loop_.settings().authenticator;
  if (!authenticator->needs_worker(credentials)) {
    on_reauthorized(authenticator->check(std::move(credentials)));
    return barrier->arrive();
  }
  auto outcome = std::make_shared<auth::AuthOutcome>();
  auto work = [outcome, authenticator, credentials = std::move(credentials)]() mutable {
    *outcome = authenticator->check(std::move(credentials));
  };
  auto done = [outcome, outlet = outlet_, barrier] {
    ClientConnection* connection = outlet->connection();
    if (connection && !connection->session().closed()) {
      ClientSession& session = connection->session();
      session.now_ = session.loop_.loop().now();
      session.on_reauthorized(*outcome);
      connection->settle();
    }
    barrier->arrive();
  };
  broker_.ground().workers().run(std::move(work), loop_.loop(), std::move(done));
}

void ClientSession::on_reauthorized(const auth::AuthOutcome& outcome) {
  if (!refuse_unless_accepted(outcome)) return;
  // Without a user entry it keeps the permissions that it has.
  if (outcome.user) outlet_->access().replace(outcome.user->permissions);
  end_forbidden_subscriptions();
}

void ClientSession::end_forbidden_subscriptions() {
  settle();
  auth::SessionAccess& access = outlet_->access();
  bool needs_filter = false;
  std::vector<Ref<Subscription>> forbidden;
  for (const Ref<Subscription>& subscription : subscriptions_) {
    switch (access.may_subscribe(subscription->subject(), subscription->queue())) {
      case auth::SubscribeDecision::denied:
        forbidden.push_back(subscription);
        break;
      case auth::SubscribeDecision::allowed_with_filter:
        needs_filter = true;
        break;
      case auth::SubscribeDecision::allowed:
        break;
    }
  }
  access.settle_filter(needs_filter);
  for (const Ref<Subscription>& subscription : forbidden) {
    subscriptions_.erase(subscription);
    unsubscribe(*subscription);
    std::string what = gojson::go_quote(subscription->subject());
    if (!subscription->queue().empty()) what += " using queue " + gojson::go_quote(subscription->queue());
    what += fmt::format(" (sid {})", gojson::go_quote(subscription->sid()));
    send_error(fmt::format("Permissions Violation for Subscription to {}", what));
    broker_.log().info("Removed sub {} for {} - not authorized", what, auth::describe_user(credentials_));
  }
}

}  // namespace nats::broker
