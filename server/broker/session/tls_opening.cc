#include "server/broker/session/tls_opening.h"

#include <utility>

#include "server/config/options.h"

namespace nats::broker {
namespace {

constexpr char handshake_record = 0x16;
// So many octets are waited for before they are looked at.
constexpr std::size_t handshake_octets = 4;
constexpr std::size_t sniffed_octets = 6;

Duration seconds(double count) { return {static_cast<std::int64_t>(count * 1e9)}; }

}  // namespace

TlsOpening::TlsOpening(const config::Tls& tls, bool allow_non_tls)
    : fallback_(tls.first_fallback),
      timeout_(seconds(tls.timeout_seconds)),
      allow_non_tls_(allow_non_tls),
      handshake_first_(tls.handshake_first),
      sniffed_octets_(sniffed_octets) {
  if (handshake_first_)
    phase_ = fallback_.ns > 0 ? Phase::awaits_handshake : Phase::secures;
  else
    phase_ = allow_non_tls_ ? Phase::sniffs : Phase::secures;
}

void TlsOpening::begin(Instant now) {
  if (phase_ == Phase::awaits_handshake) until_ = now + fallback_;
  if (phase_ == Phase::sniffs) until_ = now + timeout_;
}

void TlsOpening::on_bytes(Bytes in) {
  held_.append(in);
  if (phase_ == Phase::awaits_handshake && held_.size() >= handshake_octets) phase_ = Phase::secures;
  if (phase_ == Phase::sniffs && held_.size() >= sniffed_octets_) decide_by_first_octet();
}

bool TlsOpening::on_deadline(Instant now) {
  if (decided() || !until_ || now < *until_) return false;
  until_.reset();
  if (phase_ == Phase::sniffs) {
    decide_by_first_octet();
    return false;
  }
  if (!held_.empty()) {
    phase_ = Phase::secures;
    return false;
  }
  handshake_first_ = false;
  phase_ = allow_non_tls_ ? Phase::sniffs : Phase::secures;
  begin(now);
  return true;
}

void TlsOpening::on_end() {
  if (phase_ == Phase::sniffs) decide_by_first_octet();
  if (phase_ == Phase::awaits_handshake) phase_ = Phase::secures;
}

// One octet behind a header tells TLS from plain text.
void TlsOpening::begin_again(std::string held, bool header, Instant now) {
  held_ = std::move(held);
  if (!header || !sniffed_) return;
  sniffed_octets_ = 1;
  phase_ = Phase::sniffs;
  begin(now);
  on_bytes({});
}

void TlsOpening::decide_by_first_octet() {
  sniffed_ = true;
  bool handshake = !held_.empty() && held_.front() == handshake_record;
  phase_ = handshake ? Phase::secures : Phase::plain;
}

}  // namespace nats::broker
