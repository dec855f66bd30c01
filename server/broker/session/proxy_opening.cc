#include "server/broker/session/proxy_opening.h"

namespace nats::broker {

namespace {

constexpr Duration patience = Duration::from_seconds(5);
constexpr std::size_t probe_octets = 6;

}  // namespace

void ProxyOpening::begin(Bytes in, Instant now) {
  until_ = now + patience;
  if (in.empty()) return;
  probes_ = false;
  on_bytes(in, now);
}

void ProxyOpening::on_bytes(Bytes in, Instant now) {
  held_.append(in);
  if (probes_ && held_.size() >= probe_octets) {
    probes_ = false;
    until_ = now + patience;
  }
  header_ = protocol::read_proxy_header(held_);
}

bool ProxyOpening::on_deadline(Instant now) {
  if (!waits() || !until_ || now < *until_) return false;
  if (!probes_ || held_.empty()) return true;
  probes_ = false;
  until_ = now + patience;
  return false;
}

}  // namespace nats::broker
