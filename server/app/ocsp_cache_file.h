// The file of the cache of responders' answers: <local_store>/cache.json.
#pragma once

#include <memory>

#include "server/auth/ocsp_cache.h"
#include "server/sys/ground.h"

namespace nats::app {

// The cache of the server, with its file and the timer that saves it. On loop 0.
class OcspCacheFile final : private sys::Timer {
 public:
  OcspCacheFile(sys::Ground& ground, Log& log, const config::OcspCacheOptions& options);
  ~OcspCacheFile() override;

  auth::OcspCache& cache() { return cache_; }
  bool online() const { return online_; }
  // Reads the file; said to the log.
  void start();
  // Writes it, if anything changed.
  void stop();

 private:
  void on_timer(Instant now) override;
  void load();
  void save();
  Result<void> write(const std::string& json);
  std::string path() const;

  sys::Ground& ground_;
  Log& log_;
  auth::OcspCache cache_;
  bool online_ = false;
};

}  // namespace nats::app
