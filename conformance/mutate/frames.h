// Bytes of a server cut into whole frames, without a look at what they mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::mutate {

struct RawFrame {
  std::string kind;  // INFO, MSG, HMSG, +OK, -ERR, PING, PONG, or "" for anything else
  std::string bytes;
};

class FrameCutter {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }
  std::optional<RawFrame> next();
  std::string take_rest();

 private:
  std::string buffer_;
};

// One HTTP answer, taken apart and put together again: Content-Length and chunks follow the body.
struct HttpAnswer {
  std::string status_line;  // without CRLF
  std::vector<std::string> headers;
  std::string body;
  bool chunked = false;
};
// Nothing while it is not complete; `ended` says that no more bytes come.
std::optional<HttpAnswer> parse_http(std::string_view bytes, bool ended);
std::string to_bytes(const HttpAnswer& answer);

}  // namespace natstwin::mutate
