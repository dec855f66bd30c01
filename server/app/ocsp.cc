#include "server/app/ocsp.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "server/auth/distinguished_name.h"
#include "server/auth/ocsp_peer.h"
#include "server/auth/ocsp_time.h"
#include "server/config/text.h"

namespace nats::app {
namespace {

using config::OcspMode;

constexpr std::uint32_t directory_mode = 0750;
constexpr Duration ca_timeout_default = Duration::from_seconds(2);

}  // namespace

// The reference makes its server before it has a log.
class Ocsp::Quiet final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

// One peer's check with the questions that it asks.
class Ocsp::PeerTalk {
 public:
  PeerTalk(Ocsp& owner, std::vector<sys::VerifiedChain> chains, const config::OcspPeer& policy, Done done)
      : owner_(owner),
        timeout_(policy.ca_timeout.ns > 0 ? policy.ca_timeout : ca_timeout_default),
        cache_(owner.cache_),
        check_(std::move(chains), policy, *owner.ground_.tls(), cache_ ? &cache_->cache() : nullptr,
               owner.log_),
        done_(std::move(done)) {}

  void begin() { go_on(check_.begin(now())); }

 private:
  WallTime now() const { return owner_.ground_.wall_now(); }

  void go_on(std::optional<auth::OcspPeerCheck::Question> question) {
    if (!question) return finish();
    question_ = std::move(*question);
    responder_ = 0;
    ask();
  }

  void ask() {
    std::string url = question_.urls[responder_];
    owner_.log_.debug("Trying OCSP responder url [{}]", url);
    if (url.ends_with('/')) url.pop_back();
    HttpQuestion http;
    http.url = url + "/" + question_.request;
    auto done = [this](Result<HttpReply> reply) { on_reply(std::move(reply)); };
    fetch_ =
        HttpFetch::start(owner_.ground_, owner_.ground_.loop(0), std::move(http), timeout_, std::move(done));
  }

  void on_reply(Result<HttpReply> reply) {
    constexpr int ok = 200;
    Result<std::string> answer = "";
    if (!reply)
      answer = std::unexpected(reply.error());
    else if (reply->status != ok)
      answer = fail(ErrorCode::other, fmt::format("bad OCSP responder http status: [{}]", reply->status));
    else
      answer = std::move(reply->body);
    if (!answer && ++responder_ < question_.urls.size()) return ask();
    if (!answer) answer.error().detail = "exhausted OCSP responders: " + answer.error().detail;
    go_on(check_.on_answer(answer, now()));
  }

  // Destroys this.
  void finish() {
    Result<void> outcome;
    if (!check_.valid()) outcome = fail(ErrorCode::tls_failed, "client not OCSP valid");
    Done done = std::move(done_);
    std::erase_if(owner_.talks_, [this](const auto& talk) { return talk.get() == this; });
    done(std::move(outcome));
  }

  Ocsp& owner_;
  const Duration timeout_;
  const std::shared_ptr<OcspCacheFile> cache_;
  auth::OcspPeerCheck check_;
  Done done_;
  auth::OcspPeerCheck::Question question_;
  std::size_t responder_ = 0;
  std::unique_ptr<HttpFetch> fetch_;
};

Ocsp::Ocsp(sys::Ground& ground, Log& log, std::function<void()> on_revoked)
    : ground_(ground), log_(log), on_revoked_(std::move(on_revoked)), quiet_(std::make_unique<Quiet>()) {}

Ocsp::~Ocsp() {
  if (monitor_) monitor_->stop();
}

void Ocsp::prepare(std::shared_ptr<const config::Options> options, Done done) {
  options_ = std::move(options);
  set_up(*quiet_, std::move(done));
}

// What the configuration asks for, up to the first status.
void Ocsp::set_up(Log& log, Done done) {
  checks_peers_ = false;
  stapled_.store(nullptr);
  if (!options_->tls) return done({});
  auto made = make_monitor(log);
  if (!made) return done(std::unexpected(made.error()));
  if (!*made) return done(plug_peers(log));
  std::shared_ptr<StapleMonitor> monitor = std::move(*made);
  auto then = [this, monitor, &log, done = std::move(done)](Result<StapleStatus> status) mutable {
    const std::string& file = monitor->settings().tls->cert_file;
    if (!status)
      return done(fail(status.error().code, fmt::format("bad OCSP status update for certificate at '{}': {}",
                                                        file, status.error().detail)));
    if (status->answer.status != sys::OcspAnswer::Status::good && monitor->settings().ends_with_revocation)
      return done(fail(ErrorCode::other, fmt::format("found existing OCSP status for certificate at '{}': {}",
                                                     file, auth::status_text(status->answer.status))));
    monitor_ = monitor;
    done(plug_peers(log));
  };
  monitor->with_status(std::move(then));
}

// Null: nothing is stapled.
Result<std::shared_ptr<StapleMonitor>> Ocsp::make_monitor(Log& log) {
  const std::shared_ptr<const config::Tls>& tls = options_->tls;
  const sys::StatusCertificate* own = tls->context ? tls->context->own_certificate() : nullptr;
  if (!own) return nullptr;
  const std::optional<config::OcspStapling>& asked = options_->ocsp;
  bool wants = own->must_staple;
  bool ends = false;
  if (asked && asked->mode == OcspMode::never) {
    if (wants) log.warning("Certificate at '{}' has MustStaple but OCSP is disabled", tls->cert_file);
    return nullptr;
  }
  if (asked && asked->mode == OcspMode::always) wants = ends = true;
  if (asked && asked->mode == OcspMode::must) ends = wants;
  if (!wants) return nullptr;
  NATS_TRY_VOID(make_store_directory());
  sys::StatusCertificate issuer = NATS_TRY(tls->context->find_issuer());
  if (!issuer.authority)
    return fail(ErrorCode::malformed, fmt::format("{} invalid ca basic constraints: is not ca",
                                                  auth::subject_text(issuer.subject)));
  StapleMonitor::Settings settings{tls, options_->store_dir, own->responders, std::move(issuer.der), ends};
  if (asked && !asked->urls.empty()) settings.responders = asked->urls;
  StapleMonitor::Listener listener{on_revoked_,
                                   [this, tls](const StapleStatus& status) { show(tls, status); }};
  return std::make_shared<StapleMonitor>(ground_, log, std::move(settings), std::move(listener));
}

Result<void> Ocsp::make_store_directory() {
  if (options_->store_dir.empty()) return {};
  std::string path = config::text::path_join(options_->store_dir, "ocsp");
  Result<sys::FileInfo> there = ground_.files().stat(path);
  if (!there && there.error().code == ErrorCode::not_found) {
    Result<void> made = ground_.files().make_directories(path, directory_mode);
    if (made) return {};
    return fail(made.error().code, fmt::format("could not create OCSP storage directory - mkdir {}: {}", path,
                                               made.error().detail));
  }
  if (there && there->directory) return {};
  return fail(ErrorCode::not_a_directory, "OCSP storage directory is not a directory");
}

Result<void> Ocsp::plug_peers(Log& log) {
  const config::Tls& tls = *options_->tls;
  if (!tls.ocsp_peer.verify) return {};
  log.debug("Plugging TLS OCSP peer for [Client]");
  if (!tls.verify)
    return fail(ErrorCode::invalid_argument,
                "OCSP peer verification for client connections requires TLS verify (mTLS) to be enabled");
  checks_peers_ = true;
  return {};
}

void Ocsp::show(const std::shared_ptr<const config::Tls>& tls, const StapleStatus& status) {
  tls->context->set_staple(status.raw);
  if (tls->monitoring_context) tls->monitoring_context->set_staple(status.raw);
  stapled_.store(std::make_shared<const Stapled>(Stapled{tls, status.answer}));
}

void Ocsp::start_monitors() {
  if (monitor_) {
    log_.info("OCSP Stapling enabled for Client connections");
    monitor_->run(log_);
  }
  init_cache();
}

void Ocsp::init_cache() {
  if (!checks_peers_) return;
  cache_ = std::make_shared<OcspCacheFile>(ground_, log_,
                                           options_->ocsp_cache.value_or(config::OcspCacheOptions{}));
}

void Ocsp::start_cache() {
  if (!checks_peers_ || !cache_) return;
  cache_->start();
  log_.info("OCSP peer cache online, type [{}]", cache_->cache().options().local ? "local" : "none");
}

void Ocsp::stop_cache() {
  if (cache_) cache_->stop();
}

void Ocsp::reload(std::shared_ptr<const config::Options> options, Done done) {
  options_ = std::move(options);
  if (Result<void> made = make_store_directory(); !made) return done(std::move(made));
  if (monitor_) monitor_->stop();
  monitor_.reset();
  stop_cache();
  set_up(log_, [this, done = std::move(done)](Result<void> outcome) mutable {
    if (!outcome) return done(std::move(outcome));
    if (monitor_) {
      log_.info("OCSP Stapling enabled for Client connections");
      monitor_->run(log_);
    }
    // Again, as the reference does.
    stop_cache();
    init_cache();
    start_cache();
    done({});
  });
}

std::optional<auth::OcspCacheStats> Ocsp::cache_stats() const {
  if (!cache_ || !cache_->cache().options().local) return std::nullopt;
  return cache_->cache().stats();
}

void Ocsp::on_hello(const sys::TlsContext& context, sys::Loop& loop, Done done) {
  std::shared_ptr<const Stapled> stapled = stapled_.load();
  bool shows = stapled && (&context == stapled->tls->context.get() ||
                           &context == stapled->tls->monitoring_context.get());
  if (!shows || auth::staple_problem(stapled->answer, loop.wall_now()).empty()) return done({});
  // It has ended since: the client waits for another one.
  ground_.loop(0).post([this, &loop, done = std::move(done)]() mutable {
    auto tell = [&loop, done = std::move(done)](Result<void> outcome) mutable {
      loop.post(
          [done = std::move(done), outcome = std::move(outcome)]() mutable { done(std::move(outcome)); });
    };
    if (!monitor_) return tell({});
    monitor_->with_status([tell = std::move(tell)](Result<StapleStatus> status) mutable {
      Result<void> outcome;
      if (!status) outcome = std::unexpected(status.error());
      tell(std::move(outcome));
    });
  });
}

void Ocsp::on_peer(std::vector<sys::VerifiedChain> chains, sys::Loop& loop, Done done) {
  ground_.loop(0).post([this, chains = std::move(chains), &loop, done = std::move(done)]() mutable {
    auto tell = [&loop, done = std::move(done)](Result<void> outcome) mutable {
      loop.post(
          [done = std::move(done), outcome = std::move(outcome)]() mutable { done(std::move(outcome)); });
    };
    if (!checks_peers_) return tell({});
    talks_.push_back(
        std::make_unique<PeerTalk>(*this, std::move(chains), options_->tls->ocsp_peer, std::move(tell)));
    talks_.back()->begin();
  });
}

}  // namespace nats::app
