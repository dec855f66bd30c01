// OCSP of one server: the staple of its own certificate, the check of its clients', the cache. On loop 0;
// as a TlsGuard it is asked on any loop.
//
// prepare() before the server says anything; start_monitors(); start_cache() when clients may come;
// reload() after each reload; stop_cache() last.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/app/ocsp_cache_file.h"
#include "server/app/staple_monitor.h"
#include "server/base/log.h"
#include "server/config/options.h"
#include "server/sys/ground.h"
#include "server/sys/tls.h"

namespace nats::app {

class Ocsp final : public sys::TlsGuard {
 public:
  // `on_revoked`: the server is to end, as its certificate was taken back.
  Ocsp(sys::Ground& ground, Log& log, std::function<void()> on_revoked);
  ~Ocsp() override;

  using Done = std::move_only_function<void(Result<void>)>;
  // Says nothing to the log; the error's detail is what the program dies of.
  void prepare(std::shared_ptr<const config::Options> options, Done done);
  void start_monitors();
  void start_cache();
  void stop_cache();
  // What goes wrong is for the log.
  void reload(std::shared_ptr<const config::Options> options, Done done);

  // Clients are checked.
  bool checks_peers() const { return checks_peers_; }
  bool staples() const { return monitor_ != nullptr; }
  // For /varz; nothing without a cache of its own.
  std::optional<auth::OcspCacheStats> cache_stats() const;

  void on_hello(const sys::TlsContext& context, sys::Loop& loop, Done done) override;
  void on_peer(std::vector<sys::VerifiedChain> chains, sys::Loop& loop, Done done) override;

 private:
  class PeerTalk;
  // What hellos are measured by.
  struct Stapled {
    std::shared_ptr<const config::Tls> tls;
    sys::OcspAnswer answer;
  };
  class Quiet;

  void set_up(Log& log, Done done);
  Result<std::shared_ptr<StapleMonitor>> make_monitor(Log& log);
  Result<void> make_store_directory();
  Result<void> plug_peers(Log& log);
  void show(const std::shared_ptr<const config::Tls>& tls, const StapleStatus& status);
  void init_cache();

  sys::Ground& ground_;
  Log& log_;
  const std::function<void()> on_revoked_;
  const std::unique_ptr<Quiet> quiet_;
  std::shared_ptr<const config::Options> options_;
  std::shared_ptr<StapleMonitor> monitor_;  // null: nothing is stapled
  std::shared_ptr<OcspCacheFile> cache_;    // a talk keeps the one that it began with
  std::vector<std::unique_ptr<PeerTalk>> talks_;
  bool checks_peers_ = false;
  std::atomic<std::shared_ptr<const Stapled>> stapled_;
};

}  // namespace nats::app
