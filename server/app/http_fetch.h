// One HTTP request to somebody else's server, on a loop and without blocking it. Redirects are followed.
//
// Errors are worded as Go's net/http client words them: `Get "http://ca/x": EOF`. https:// trusts whom the
// system trusts, as SSL_CERT_FILE and SSL_CERT_DIR have it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/base/error.h"
#include "server/sys/ground.h"

namespace nats::app {

struct HttpQuestion {
  bool post = false;  // else GET
  std::string url;
  std::string content_type;  // of a POST, with what it accepts
  std::string accept;
  std::string body;
};

struct HttpReply {
  int status = 0;
  std::string body;
};

// Destroying it ends the request; `done` is then not called.
class HttpFetch {
 public:
  using Done = std::move_only_function<void(Result<HttpReply>)>;

  // `done` runs on `loop`, in a later round.
  static std::unique_ptr<HttpFetch> start(sys::Ground& ground, sys::Loop& loop, HttpQuestion question,
                                          Duration timeout, Done done);
  virtual ~HttpFetch() = default;
};

}  // namespace nats::app
