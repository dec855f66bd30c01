// ClientConnection until TLS is there, or known not to be wanted, and a proxy's header is read.
#include "server/broker/session/client_opening.h"

#include <fmt/core.h>

#include <utility>

#include "server/auth/certificate_map.h"
#include "server/broker/broker.h"
#include "server/config/options.h"
#include "server/sys/tls.h"

namespace nats::broker {
namespace {

Duration seconds(double count) { return {static_cast<std::int64_t>(count * 1e9)}; }

}  // namespace

void ClientConnection::begin_opening(Instant now) {
  // INFO in the clear leaves before the first octet of a handshake.
  flush(now);
  if (session_.closed()) return settle();
  if (opening_->plan) opening_->plan->begin(now);
  go_on_opening(now);
}

void ClientConnection::go_on_opening(Instant now) {
  Opening& opening = *opening_;
  if (opening.plan_is_open()) return settle();
  if (opening.proxy) {
    if (!opening.proxy->begun()) opening.proxy->begin(opening.held(), now);
    if (opening.proxy->waits()) return settle();
    take_proxy_header(now);
    if (session_.closed() || opening.plan_is_open()) return settle();
  }
  if (opening.plan && opening.plan->phase() == TlsOpening::Phase::secures) return begin_handshake(now);
  std::unique_ptr<Opening> opened = std::move(opening_);
  session_.open(now, nullptr);
  feed(opened->held());
}

// What follows the header is looked at as if it had come first.
void ClientConnection::take_proxy_header(Instant now) {
  using Kind = protocol::ProxyHeader::Kind;
  const ProxyOpening proxy = std::move(*opening_->proxy);
  opening_->proxy.reset();
  const protocol::ProxyHeader& header = proxy.header();
  if (header.kind == Kind::malformed) return refuse_proxy_header(header.problem);
  if (header.kind == Kind::proxied) session_.set_client_address({header.host, header.port});
  std::string rest = proxy.held().substr(header.size);
  if (!opening_->plan) {
    opening_->held_behind_header = std::move(rest);
  } else {
    opening_->plan->begin_again(std::move(rest), header.kind != Kind::absent, now);
  }
}

void ClientConnection::refuse_proxy_header(std::string_view problem) {
  broker_.log().warning("Error reading PROXY protocol header from {}: {}", sys::to_text(stream_->remote()),
                        problem);
  session_.close(CloseReason::protocol_violation);
}

void ClientConnection::begin_handshake(Instant now) {
  const config::Tls& tls = *opening_->tls;
  if (!broker_.tls_rate().allow(tls.rate_limit, now)) {
    session_.close_with(ClientError::throttled);
    return settle();
  }
  broker_.log().debug("{} - Starting TLS client connection handshake", session_.label());
  opening_->handshake_by = now + seconds(tls.timeout_seconds);
  secure_->start_tls(opening_->held());
  settle();
}

void ClientConnection::on_secured() {
  if (closing_) return;
  loop_.settings().tls_used.store(true, std::memory_order_relaxed);
  std::unique_ptr<Opening> opening = std::move(opening_);
  std::shared_ptr<const std::vector<sys::Certificate>> peers = secure_->peer_certificates();
  if (!opening->tls->pinned_certs.empty()) {
    static const std::vector<sys::Certificate> none;
    std::string objection = auth::pin_objection(opening->tls->pinned_certs, peers ? *peers : none);
    if (!objection.empty()) {
      broker_.log().debug("{} - {}", session_.label(), objection);
      session_.close_for_handshake("certificate not pinned", false);
      return settle();
    }
  }
  auto facts = std::make_unique<TlsFacts>();
  facts->version = secure_->tls_version();
  facts->cipher_suite = secure_->cipher_suite();
  facts->peers = std::move(peers);
  facts->first = opening->handshake_first();
  session_.open(loop_.loop().now(), std::move(facts));
  settle();
}

std::string ClientConnection::handshake_read_text(std::string_view what) const {
  return fmt::format("read tcp {}->{}: {}", sys::to_text(stream_->local()), sys::to_text(stream_->remote()),
                     what);
}

// Somebody else closed the connection while hands were being shaken.
void ClientConnection::note_broken_handshake() {
  if (!opening_->handshake_by || session_.closed() == CloseReason::tls_handshake_failure) return;
  broker_.log().error("{} - TLS handshake error: {}", session_.label(),
                      handshake_read_text("use of closed network connection"));
}

void ClientConnection::on_opening_deadline(Instant now) {
  if (opening_->handshake_by) {
    if (now >= *opening_->handshake_by)
      session_.close_for_handshake_timeout(handshake_read_text("i/o timeout"));
    return;
  }
  if (!opening_->plan_is_open()) {
    if (!opening_->proxy || !opening_->proxy->on_deadline(now)) return;
    // To the reference silence is the end.
    const std::string& held = opening_->proxy->held();
    const std::string reason = held.empty() ? "" : handshake_read_text("i/o timeout");
    return refuse_proxy_header(protocol::broken_proxy_header_text(held, reason));
  }
  if (opening_->plan->on_deadline(now)) {
    session_.send_first_info();
    flush(now);
    if (session_.closed()) return;
  }
  if (opening_->plan->decided()) go_on_opening(now);
}

// The client went, or its handshake failed.
void ClientConnection::on_opening_end(const Error& reason) {
  if (!opening_->handshake_by) {
    if (opening_->plan_is_open()) opening_->plan->on_end();
    if (opening_->proxy) {
      const std::string held = opening_->proxy->begun() ? opening_->proxy->held() : opening_->held();
      const bool ended = reason.code == ErrorCode::end_of_stream;
      return refuse_proxy_header(protocol::broken_proxy_header_text(held, ended ? "" : reason.detail));
    }
    if (!opening_->plan || opening_->plan->phase() == TlsOpening::Phase::plain)
      return go_on_opening(loop_.loop().now());
    broker_.log().debug("{} - Starting TLS client connection handshake", session_.label());
    bool torn = reason.code == ErrorCode::end_of_stream && !opening_->held().empty();
    return session_.close_for_handshake(torn ? "unexpected EOF" : reason.detail, false);
  }
  std::string text = reason.detail;
  if (reason.code == ErrorCode::tls_certificate_refused)
    if (auto peers = secure_->peer_certificates()) text += auth::refused_certificates_text(*peers);
  session_.close_for_handshake(text, reason.code == ErrorCode::tls_not_spoken);
}

}  // namespace nats::broker
