#include "server/app/http_fetch.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "server/config/url.h"
#include "server/gojson/go_quote.h"
#include "server/protocol/http_answer.h"
#include "server/sys/tls.h"

namespace nats::app {
namespace {

constexpr int redirects_max = 10;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

struct Target {
  sys::Endpoint endpoint;
  std::string host;  // as the Host header has it
  std::string path;  // with the query, as written
  bool secure = false;
};

// What the request line names, untouched.
std::string path_in(std::string_view url) {
  url = url.substr(0, url.find('#'));
  std::size_t begin = url.find("://");
  begin = url.find_first_of("/?", begin == std::string_view::npos ? 0 : begin + 3);
  if (begin == std::string_view::npos) return "/";
  std::string path(url.substr(begin));
  return path.front() == '?' ? "/" + path : path;
}

Result<Target> find_target(const std::string& text) {
  config::Url url = NATS_TRY(config::parse_url(text));
  bool secure = url.scheme == "https";
  if (!secure && url.scheme != "http")
    return fail(ErrorCode::unsupported, "unsupported protocol scheme " + gojson::go_quote(url.scheme));
  if (url.host.empty()) return fail(ErrorCode::invalid_argument, "http: no Host in request URL");
  Target target{{url.host, secure ? https_port : http_port}, url.host, path_in(text), secure};
  if (std::string_view port = url.port(); !port.empty()) {
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    target.endpoint.port = number;
    target.endpoint.host.resize(url.host.size() - port.size() - 1);
  }
  std::string& host = target.endpoint.host;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return target;
}

std::string request_text(const HttpQuestion& question, const Target& target) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Go-http-client/1.1\r\n",
                                 question.post ? "POST" : "GET", target.path, target.host);
  if (question.post)
    text += fmt::format("Content-Length: {}\r\nAccept: {}\r\nContent-Type: {}\r\n", question.body.size(),
                        question.accept, question.content_type);
  return text + "Connection: close\r\n\r\n" + (question.post ? question.body : "");
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where a Location leads from `url`.
std::string resolve(const std::string& url, const std::string& location) {
  if (location.find("://") != std::string::npos) return location;
  std::size_t host = url.find("://");
  if (location.starts_with("//")) return url.substr(0, host + 1) + location;
  std::size_t path = url.find('/', host == std::string::npos ? 0 : host + 3);
  std::string base = url.substr(0, path);
  if (location.starts_with('/')) return base + location;
  std::size_t last = path == std::string::npos ? path : url.rfind('/');
  return (last == std::string::npos ? base + "/" : url.substr(0, last + 1)) + location;
}

class Fetch final : public HttpFetch, private sys::StreamHandler, private sys::Timer {
 public:
  Fetch(sys::Ground& ground, sys::Loop& loop, HttpQuestion question, Duration timeout, Done done)
      : ground_(ground),
        loop_(loop),
        question_(std::move(question)),
        timeout_(timeout),
        done_(std::move(done)) {}
  ~Fetch() override { loop_.disarm(*this); }

  void begin() {
    loop_.arm(*this, loop_.now() + timeout_);
    connect();
  }

 private:
  void connect() {
    Result<Target> target = find_target(question_.url);
    if (!target) return finish_with(target.error().detail);
    sending_ = request_text(question_, *target);
    sent_ = 0;
    answer_ = {};
    auto connected = [alive = std::weak_ptr<bool>(alive_),
                      this](Result<std::unique_ptr<sys::Stream>> stream) {
      if (!alive.expired()) on_connected(std::move(stream));
    };
    // The timer is the limit; it has the right words.
    target_ = std::move(*target);
    ground_.connect(target_.endpoint, loop_, timeout_ + timeout_, std::move(connected));
  }

  void on_connected(Result<std::unique_ptr<sys::Stream>> stream) {
    if (!done_) return;
    if (!stream) return finish_with(stream.error().detail);
    if (target_.secure) return secure(std::move(*stream));
    stream_ = std::move(*stream);
    stream_->start(*this);
    send();
  }

  // By whom the system trusts.
  void secure(std::unique_ptr<sys::Stream> stream) {
    if (!ground_.tls()) return finish_with("no TLS on this ground");
    Result<std::shared_ptr<const sys::TlsContext>> context =
        ground_.tls()->client_context({.verify_peer = true});
    if (!context) return finish_with(context.error().detail);
    auto tls = ground_.tls()->client_stream(std::move(stream), std::move(*context), target_.endpoint.host);
    sys::TlsStream& begun = *tls;
    stream_ = std::move(tls);
    begun.start(*this);
    begun.start_tls({});
  }

  void send() {
    while (sent_ < sending_.size()) {
      std::array<Bytes, 1> pieces{Bytes(sending_).substr(sent_)};
      Result<std::size_t> written = stream_->write(pieces);
      if (!written) return finish_with(written.error().detail);
      if (*written == 0) return stream_->want_writable();
      sent_ += *written;
    }
  }

  void on_bytes(Bytes in) override { take(answer_.feed(in)); }
  void on_writable() override { send(); }
  void on_secured() override { send(); }
  void on_end(const Error& reason) override {
    if (reason.code == ErrorCode::tls_http_spoken)
      return finish_with("http: server gave HTTP response to HTTPS client");
    if (reason.code != ErrorCode::end_of_stream) return finish_with(reason.detail);
    take(answer_.end());
  }

  void take(protocol::HttpAnswer::State state) {
    if (state == protocol::HttpAnswer::State::more) return;
    if (state == protocol::HttpAnswer::State::failed) {
      // What is wrong with a body is not said of the request.
      return answer_.has_head() ? finish(fail(ErrorCode::malformed, answer_.problem()))
                                : finish_with(answer_.problem());
    }
    if (is_redirect(answer_.status()) && !answer_.location().empty()) return follow();
    finish(HttpReply{answer_.status(), answer_.take_body()});
  }

  void follow() {
    if (++redirects_ > redirects_max) return finish_with("stopped after 10 redirects");
    if (answer_.status() < 307) {
      question_.post = false;
      question_.body.clear();
    }
    question_.url = resolve(question_.url, answer_.location());
    // The stream calls us: it goes when that is over.
    loop_.post([alive = std::weak_ptr<bool>(alive_), this] {
      if (alive.expired() || !done_) return;
      stream_.reset();
      connect();
    });
  }

  void on_timer(Instant) override {
    constexpr std::string_view limit = "(Client.Timeout exceeded while awaiting headers)";
    if (answer_.has_head())
      return finish(
          fail(ErrorCode::timed_out,
               "context deadline exceeded (Client.Timeout or context cancellation while reading body)"));
    finish_with(fmt::format("context deadline exceeded {}", limit));
  }

  void finish_with(const std::string& reason) {
    // A URL that cannot be read is no request yet.
    if (reason.starts_with("parse ")) return finish(fail(ErrorCode::malformed, reason));
    finish(fail(ErrorCode::other, fmt::format("{} {}: {}", question_.post ? "Post" : "Get",
                                              gojson::go_quote(question_.url), reason)));
  }

  // Later: whoever asked may destroy us then.
  void finish(Result<HttpReply> outcome) {
    if (!done_) return;
    loop_.disarm(*this);
    auto tell = [alive = std::weak_ptr<bool>(alive_), done = std::move(done_),
                 outcome = std::move(outcome)]() mutable {
      if (!alive.expired()) done(std::move(outcome));
    };
    done_ = nullptr;
    loop_.post(std::move(tell));
  }

  sys::Ground& ground_;
  sys::Loop& loop_;
  HttpQuestion question_;
  const Duration timeout_;
  Done done_;  // empty once called
  Target target_;
  std::unique_ptr<sys::Stream> stream_;
  std::string sending_;
  std::size_t sent_ = 0;
  protocol::HttpAnswer answer_;
  int redirects_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<HttpFetch> HttpFetch::start(sys::Ground& ground, sys::Loop& loop, HttpQuestion question,
                                            Duration timeout, Done done) {
  auto fetch = std::make_unique<Fetch>(ground, loop, std::move(question), timeout, std::move(done));
  fetch->begin();
  return fetch;
}

}  // namespace nats::app
