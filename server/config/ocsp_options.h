// What is configured of OCSP: the staple of the server's own certificate, the check of those of
// peers, the cache of what responders said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/base/time.h"

namespace nats::config {

enum class OcspMode : std::uint8_t {
  automatic,  // staples where the certificate wants it; a revocation changes nothing
  always,     // staples; ends with a revocation
  never,
  must,  // staples where the certificate wants it; ends with a revocation
};

struct OcspStapling {
  OcspMode mode = OcspMode::automatic;
  std::vector<std::string> urls;  // of responders, in place of the certificate's own

  friend bool operator==(const OcspStapling&, const OcspStapling&) = default;
};

struct OcspPeer {
  bool verify = false;
  Duration ca_timeout = Duration::from_seconds(2);
  Duration allowed_clockskew = Duration::from_seconds(30);
  Duration unset_ttl = Duration::from_seconds(3600);  // of an answer that says no end
  bool warn_only = false;
  bool unknown_is_good = false;
  bool allow_when_ca_unreachable = false;

  friend bool operator==(const OcspPeer&, const OcspPeer&) = default;
};

struct OcspCacheOptions {
  bool local = true;  // else none
  std::string local_store = "_rc_";
  bool preserve_revoked = false;
  Duration save_interval = Duration::from_seconds(300);

  friend bool operator==(const OcspCacheOptions&, const OcspCacheOptions&) = default;
};

}  // namespace nats::config
