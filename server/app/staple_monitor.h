// The staple of the server's own certificate: found in memory, in <store_dir>/ocsp or at the responder,
// and asked for again before it ends. On loop 0.
//
// open(), then with_status() once; show(); run(); stop().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/app/http_fetch.h"
#include "server/base/log.h"
#include "server/config/options.h"
#include "server/sys/ground.h"
#include "server/sys/tls.h"

namespace nats::app {

struct StapleStatus {
  std::shared_ptr<const std::string> raw;
  sys::OcspAnswer answer;
};

class StapleMonitor final : public std::enable_shared_from_this<StapleMonitor>, private sys::Timer {
 public:
  struct Settings {
    std::shared_ptr<const config::Tls> tls;  // with a context
    std::string store_dir;                   // empty: nothing is kept
    std::vector<std::string> responders;
    std::string issuer;  // DER
    bool ends_with_revocation = false;
  };
  // `on_bad` asks that the server ends; `on_change` hears of each new status.
  struct Listener {
    std::function<void()> on_revoked;
    std::function<void(const StapleStatus& status)> on_status;
  };
  StapleMonitor(sys::Ground& ground, Log& log, Settings settings, Listener listener);
  ~StapleMonitor() override;

  using Done = std::move_only_function<void(Result<StapleStatus>)>;
  // What holds now: what is known and still of now, what is kept in the file, what the responder says.
  void with_status(Done done);
  // From now on it speaks to `log`.
  void run(Log& log);
  void stop();

  const Settings& settings() const { return settings_; }

 private:
  void on_timer(Instant now) override;
  void read_file(Done done);
  void ask(Done done);
  void ask_next();
  void on_reply(Result<HttpReply> reply, WallTime asked_at);
  void on_body(std::string body);
  void store(std::string body);
  void finish_asking(Result<StapleStatus> outcome);
  void adopt(StapleStatus status);
  void on_first_status(Result<StapleStatus> status);
  void on_next_status(Result<StapleStatus> status);
  void arm(Duration pause);
  std::string file_path() const;
  WallTime now() const { return ground_.wall_now(); }

  // One that is asked: by POST, and when that fails by GET.
  struct Asking {
    std::string request;
    std::size_t responder = 0;
    bool by_get = false;
    std::string post_problem;
    std::string url;
    std::unique_ptr<HttpFetch> fetch;
    std::vector<Done> waiting;
  };

  sys::Ground& ground_;
  Log* log_;
  const Settings settings_;
  const Listener listener_;
  std::optional<StapleStatus> status_;
  std::unique_ptr<Asking> asking_;
  bool stopped_ = false;
};

}  // namespace nats::app
