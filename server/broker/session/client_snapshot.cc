#include "server/broker/session/client_snapshot.h"

#include <algorithm>

#include "server/broker/broker.h"
#include "server/broker/session/client_session.h"

namespace nats::broker {

ClientSummary ClientSession::summary(Duration wall_offset) const {
  ClientSummary client;
  client.client_id = client_id_;
  client.start = {start_.ns + wall_offset.ns};
  ClientOutlet::Counts counts = outlet_->counts();
  client.last_activity = {std::max(last_activity_, counts.last_delivery).ns + wall_offset.ns};
  client.rtt = rtt_;
  client.pending_bytes = counts.pending_bytes;
  client.in_msgs = in_msgs_;
  client.in_bytes = in_bytes_;
  client.out_msgs = counts.out_msgs;
  client.out_bytes = counts.out_bytes;
  client.stalls = counts.stalls;
  client.subscriptions =
      closed_ ? subscriptions_at_close_ : static_cast<std::uint32_t>(subscriptions_.size());
  return client;
}

ClientSnapshot ClientSession::snapshot(Instant now, Duration wall_offset, bool with_subs) const {
  ClientSnapshot client{summary(wall_offset)};
  client.host = client_address().host;
  client.port = client_address().port;
  if (closed_) {
    client.stop = WallTime{now.ns + wall_offset.ns};
    client.reason = text_of(*closed_);
  }
  client.name = connect_.name;
  client.lang = connect_.lang;
  client.version = connect_.version;
  client.user = user();
  if (nkey_user_) client.issuer_key = account_->account.name;
  if (tls_) {
    client.tls_version = tls_->version;
    client.tls_cipher_suite = tls_->cipher_suite;
    client.tls_first = tls_->first;
    if (!closed_) client.tls_peers = tls_->peers;
  }
  client.account = account_->account.name;
  if (proxy_) client.proxy_key = proxy_->key;
  if (closed_) client.subs = subs_at_close_;
  if (closed_ || !with_subs) return client;
  client.subs.reserve(subscriptions_.size());
  for (const Ref<Subscription>& subscription : subscriptions_) {
    SubscriptionSnapshot sub;
    sub.subject = subscription->subject();
    sub.queue = subscription->queue();
    sub.sid = subscription->sid();
    sub.delivered = outlet_->delivered_to(*subscription, sub.max);
    client.subs.push_back(std::move(sub));
  }
  return client;
}

}  // namespace nats::broker
