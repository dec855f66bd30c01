// What responders said of peers' certificates, and the file that keeps it: the reference's, byte for
// byte but for how well answers are packed. Not thread-safe; reads and writes no file.
//
// load(), then go_online(); save: to_json() when dirty(), write it, note_saved().
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "server/base/error.h"
#include "server/base/log.h"
#include "server/config/ocsp_options.h"
#include "server/sys/tls.h"

namespace nats::auth {

// For /varz.
struct OcspCacheStats {
  std::int64_t responses = 0;
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t revoked = 0;
  std::int64_t good = 0;
  std::int64_t unknown = 0;
};

class OcspCache {
 public:
  OcspCache(config::OcspCacheOptions options, Log& log) : options_(std::move(options)), log_(log) {}

  const config::OcspCacheOptions& options() const { return options_; }
  const OcspCacheStats& stats() const { return stats_; }

  // Replaces everything. On error it is empty and dirty.
  Result<void> load(std::string_view json);
  // Counts what is there.
  void go_online();
  void go_offline() { online_ = false; }

  // `key` is the certificate's fingerprint. Offline, nothing is found and nothing kept.
  std::string get(const std::string& key);
  void put(const std::string& key, std::string_view raw, const sys::OcspAnswer& answer,
           const std::string& subject, WallTime now);
  // What get() found was of no use: it counts as missed after all.
  void drop_useless(const std::string& key);

  bool dirty() const { return dirty_; }
  std::string to_json() const;
  void note_saved() { dirty_ = false; }

  struct Item {
    std::string subject;
    std::string cached_at;  // times as the file writes them
    std::string expires;
    sys::OcspAnswer::Status status = sys::OcspAnswer::Status::unknown;
    std::string packed;  // the answer, in S2 frames
  };

 private:
  void count(const Item& item, int by);

  const config::OcspCacheOptions options_;
  Log& log_;
  std::map<std::string, Item> items_;
  OcspCacheStats stats_;
  bool online_ = false;
  bool dirty_ = false;
};

// "3lVqUN..." of a certificate: SHA-256 in base64.
std::string ocsp_fingerprint(std::string_view sha256);

}  // namespace nats::auth
