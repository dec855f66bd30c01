#include "server/auth/ocsp_time.h"

#include <fmt/core.h>

#include "server/gojson/time_text.h"

namespace nats::auth {
namespace {

using gojson::duration_text;
using gojson::rfc3339_nano;

constexpr Duration pause_default = Duration::from_seconds(24 * 3600);
constexpr Duration pause_when_late = Duration::from_seconds(120);

// Without overflow, whatever a responder says.
WallTime moved(WallTime at, Duration by) {
  WallTime out;
  if (__builtin_add_overflow(at.unix_ns, by.ns, &out.unix_ns))
    out.unix_ns = by.ns < 0 ? INT64_MIN : INT64_MAX;
  return out;
}

}  // namespace

std::string_view status_text(sys::OcspAnswer::Status status) {
  switch (status) {
    case sys::OcspAnswer::Status::good:
      return "good";
    case sys::OcspAnswer::Status::revoked:
      return "revoked";
    case sys::OcspAnswer::Status::unknown:
      break;
  }
  return "unknown";
}

std::string currency_problem(const sys::OcspAnswer& answer, const config::OcspPeer& policy, WallTime now) {
  Duration skew = policy.allowed_clockskew;
  WallTime earliest = moved(now, Duration{-skew.ns});
  if (answer.next_update && *answer.next_update < earliest)
    return fmt::format("OCSP response NextUpdate [{}] is before now [{}] with clockskew [{}]",
                       rfc3339_nano(*answer.next_update), rfc3339_nano(now), duration_text(skew));
  WallTime expiry = moved(answer.this_update, policy.unset_ttl);
  if (!answer.next_update && expiry < earliest)
    return fmt::format("OCSP response cache expiry [{}] is before now [{}] with clockskew [{}]",
                       rfc3339_nano(expiry), rfc3339_nano(now), duration_text(skew));
  if (answer.this_update > moved(now, skew))
    return fmt::format("OCSP response ThisUpdate [{}] is before now [{}] with clockskew [{}]",
                       rfc3339_nano(answer.this_update), rfc3339_nano(now), duration_text(skew));
  return {};
}

std::string staple_problem(const sys::OcspAnswer& answer, WallTime now) {
  if (answer.next_update && *answer.next_update < now)
    return "invalid ocsp NextUpdate, is past time: " + rfc3339_nano(*answer.next_update);
  if (answer.this_update > now)
    return "invalid ocsp ThisUpdate, is future time: " + rfc3339_nano(answer.this_update);
  return {};
}

Duration staple_pause(const sys::OcspAnswer& answer, WallTime now) {
  if (!answer.next_update) return pause_default;
  Duration half = (*answer.next_update - now) / 2;
  return half.ns < 0 ? pause_when_late : half;
}

std::string next_update_text(const sys::OcspAnswer& answer) {
  return rfc3339_nano(answer.next_update.value_or(gojson::zero_time));
}

}  // namespace nats::auth
