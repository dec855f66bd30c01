#include "server/app/staple_monitor.h"

#include <fmt/core.h>

#include <utility>

#include "server/auth/ocsp_cache.h"
#include "server/auth/ocsp_time.h"
#include "server/config/text.h"
#include "server/gojson/time_text.h"
#include "server/sys/files.h"

namespace nats::app {
namespace {

using Status = sys::OcspAnswer::Status;

constexpr Duration request_timeout = Duration::from_seconds(30);
constexpr std::uint32_t file_mode = 0600;

std::string hex(std::string_view octets) {
  std::string text;
  for (unsigned char octet : octets) text += fmt::format("{:02x}", octet);
  return text;
}

std::string_view without_slash(std::string_view url) {
  return url.ends_with('/') ? url.substr(0, url.size() - 1) : url;
}

}  // namespace

StapleMonitor::StapleMonitor(sys::Ground& ground, Log& log, Settings settings, Listener listener)
    : ground_(ground), log_(&log), settings_(std::move(settings)), listener_(std::move(listener)) {}

StapleMonitor::~StapleMonitor() { ground_.loop(0).disarm(*this); }

void StapleMonitor::stop() {
  stopped_ = true;
  ground_.loop(0).disarm(*this);
}

// The whole certificate's digest, not its key's: another certificate has another status.
std::string StapleMonitor::file_path() const {
  return config::text::path_join(config::text::path_join(settings_.store_dir, "ocsp"),
                                 hex(settings_.tls->context->own_certificate()->sha256));
}

void StapleMonitor::with_status(Done done) {
  if (status_ && auth::staple_problem(status_->answer, now()).empty()) return done(*status_);
  if (settings_.store_dir.empty()) return ask(std::move(done));
  read_file(std::move(done));
}

void StapleMonitor::read_file(Done done) {
  auto text = std::make_shared<Result<std::string>>();
  auto work = [text, path = file_path(), &files = ground_.files()] { *text = sys::read_file(files, path); };
  auto then = [self = shared_from_this(), text, done = std::move(done)]() mutable {
    if (!*text) return self->ask(std::move(done));
    Result<sys::OcspAnswer> answer = self->ground_.tls()->read_ocsp_answer(**text, self->settings_.issuer);
    if (!answer || !auth::staple_problem(*answer, self->now()).empty()) return self->ask(std::move(done));
    self->adopt({std::make_shared<const std::string>(std::move(**text)), *answer});
    done(*self->status_);
  };
  ground_.workers().run(std::move(work), ground_.loop(0), std::move(then));
}

void StapleMonitor::ask(Done done) {
  if (asking_) {
    asking_->waiting.push_back(std::move(done));
    return;
  }
  const sys::StatusCertificate& own = *settings_.tls->context->own_certificate();
  Result<std::string> request = ground_.tls()->ocsp_request(own.der, settings_.issuer);
  if (!request) return done(std::unexpected(request.error()));
  if (settings_.responders.empty()) return done(fail(ErrorCode::not_found, "no available ocsp servers"));
  asking_ = std::make_unique<Asking>();
  asking_->request = std::move(*request);
  asking_->waiting.push_back(std::move(done));
  ask_next();
}

void StapleMonitor::ask_next() {
  Asking& asking = *asking_;
  asking.url = without_slash(settings_.responders[asking.responder]);
  HttpQuestion question;
  question.post = !asking.by_get;
  if (asking.by_get) {
    asking.url += "/" + auth::ocsp_fingerprint(asking.request);
  } else {
    question.content_type = "application/ocsp-request";
    question.accept = "application/ocsp-response";
    question.body = asking.request;
  }
  question.url = asking.url;
  auto done = [self = weak_from_this(), at = now()](Result<HttpReply> reply) {
    if (auto monitor = self.lock()) monitor->on_reply(std::move(reply), at);
  };
  asking.fetch =
      HttpFetch::start(ground_, ground_.loop(0), std::move(question), request_timeout, std::move(done));
}

void StapleMonitor::on_reply(Result<HttpReply> reply, WallTime asked_at) {
  Asking& asking = *asking_;
  std::string_view method = asking.by_get ? "GET" : "POST";
  std::string problem;
  if (!reply) {
    problem = reply.error().detail;
  } else {
    log_->debug("Received OCSP response (method={}, status={}, url={}, duration={:.3f}s)", method,
                reply->status, asking.url, (now() - asked_at).seconds());
    std::size_t size = asking.by_get ? auth::ocsp_fingerprint(asking.request).size() : asking.request.size();
    if (reply->status > 299)
      problem = fmt::format("non-ok http status on {} request (reqlen={}): {}", method, size, reply->status);
  }
  if (problem.empty()) return on_body(std::move(reply->body));
  if (!asking.by_get) {
    asking.by_get = true;
    asking.post_problem = std::move(problem);
    return ask_next();
  }
  std::string both = asking.post_problem + "\n" + problem;
  if (++asking.responder < settings_.responders.size()) {
    asking.by_get = false;
    return ask_next();
  }
  finish_asking(fail(ErrorCode::other, "exhausted ocsp servers: " + both));
}

void StapleMonitor::on_body(std::string body) {
  Result<sys::OcspAnswer> answer = ground_.tls()->read_ocsp_answer(body, settings_.issuer);
  if (!answer)
    return finish_asking(fail(answer.error().code, "failed to get remote status: " + answer.error().detail));
  if (std::string problem = auth::staple_problem(*answer, now()); !problem.empty())
    return finish_asking(fail(ErrorCode::malformed, std::move(problem)));
  store(std::move(body));
}

// Aside, and then in the old one's place.
void StapleMonitor::store(std::string body) {
  auto raw = std::make_shared<const std::string>(std::move(body));
  auto go_on = [self = shared_from_this(), raw](const Result<void>& written) {
    if (!written)
      return self->finish_asking(
          fail(written.error().code, "failed to write ocsp status: " + written.error().detail));
    Result<sys::OcspAnswer> answer = self->ground_.tls()->read_ocsp_answer(*raw, self->settings_.issuer);
    if (!answer) return self->finish_asking(std::unexpected(answer.error()));
    self->adopt({raw, *answer});
    self->finish_asking(*self->status_);
  };
  if (settings_.store_dir.empty()) return go_on({});
  std::string target = file_path();
  std::string aside = fmt::format("{}/tmp-cert-status{}", target.substr(0, target.rfind('/')),
                                  ground_.entropy().next_u64() % 10'000'000'000);
  auto outcome = std::make_shared<Result<void>>();
  auto work = [outcome, raw, target, aside, &files = ground_.files()] {
    *outcome = [&]() -> Result<void> {
      auto file = files.open(aside, sys::OpenMode::create_new, file_mode);
      if (!file) return fail(file.error().code, config::text::file_error_text(aside, file.error()));
      Result<void> written = (*file)->write_at(0, *raw);
      if (written) written = files.rename(aside, target);
      if (written) return {};
      static_cast<void>(files.remove(aside));  // whatever is left of it
      return fail(written.error().code, config::text::file_error_text(aside, written.error()));
    }();
  };
  ground_.workers().run(std::move(work), ground_.loop(0), [outcome, go_on] { go_on(*outcome); });
}

void StapleMonitor::finish_asking(Result<StapleStatus> outcome) {
  std::unique_ptr<Asking> asked = std::move(asking_);
  for (Done& done : asked->waiting) done(outcome);
}

void StapleMonitor::adopt(StapleStatus status) {
  status_ = std::move(status);
  if (!stopped_) listener_.on_status(*status_);
}

void StapleMonitor::run(Log& log) {
  log_ = &log;
  // Later, when the server has said that it is ready.
  ground_.loop(0).post([weak = weak_from_this()] {
    auto monitor = weak.lock();
    if (!monitor || monitor->stopped_) return;
    monitor->with_status([weak](Result<StapleStatus> status) {
      if (auto alive = weak.lock(); alive && !alive->stopped_) alive->on_first_status(std::move(status));
    });
  });
}

void StapleMonitor::on_first_status(Result<StapleStatus> status) {
  const std::string& file = settings_.tls->cert_file;
  if (status && status->answer.status == Status::good) {
    Duration pause = auth::staple_pause(status->answer, now());
    log_->info("Found OCSP status for Client certificate at '{}': good, next update {}, checking again in {}",
               file, auth::next_update_text(status->answer), gojson::duration_text(pause));
    return arm(pause);
  }
  if (status && settings_.ends_with_revocation) {
    log_->error("Found OCSP status for Client certificate at '{}': {}", file,
                auth::status_text(status->answer.status));
    return listener_.on_revoked();
  }
  arm({});
}

void StapleMonitor::arm(Duration pause) { ground_.loop(0).arm(*this, ground_.loop(0).now() + pause); }

void StapleMonitor::on_timer(Instant) {
  ask([self = weak_from_this()](Result<StapleStatus> status) {
    if (auto monitor = self.lock(); monitor && !monitor->stopped_) monitor->on_next_status(std::move(status));
  });
}

void StapleMonitor::on_next_status(Result<StapleStatus> status) {
  const std::string& file = settings_.tls->cert_file;
  if (!status) {
    // Only who has a status is asked again.
    Duration pause = status_ ? auth::staple_pause(status_->answer, now()) : request_timeout;
    log_->error("Bad OCSP status update for certificate '{}': {}, trying again in {}", file,
                status.error().detail, gojson::duration_text(pause));
    return arm(pause);
  }
  if (status->answer.status == Status::good) {
    Duration pause = auth::staple_pause(status->answer, now());
    log_->info("Received OCSP status for Client certificate '{}': good, next update {}, checking again in {}",
               file, auth::next_update_text(status->answer), gojson::duration_text(pause));
    return arm(pause);
  }
  log_->error("Received OCSP status for Client certificate '{}': {}", file,
              auth::status_text(status->answer.status));
  if (settings_.ends_with_revocation) listener_.on_revoked();
}

}  // namespace nats::app
