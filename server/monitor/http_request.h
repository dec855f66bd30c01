// A request's head, as Go's net/http understands it: what may be asked for, and how its body is framed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nats::monitor {

struct HttpHeader {
  std::string name;  // canonical: "Content-Length"
  std::string value;
};

// A target that was taken apart. `path` is unescaped, `escaped_path` is how it would be written.
struct HttpTarget {
  std::string path, escaped_path, query;
};

struct HttpRequest {
  std::string method;
  std::string target_text;  // as received
  HttpTarget target;
  int version_major = 1, version_minor = 1;
  std::vector<HttpHeader> headers;

  std::int64_t content_length = 0;  // -1: chunked
  bool close = false;               // the version and the Connection headers ask for it

  bool at_least(int major, int minor) const {
    return version_major > major || (version_major == major && version_minor >= minor);
  }
  // Of the first header of that canonical name; "" when absent.
  std::string_view header(std::string_view name) const;
  bool chunked() const { return content_length < 0; }
  bool wants_close() const;
  bool wants_keep_alive_in_1_0() const;
  bool expects_continue() const;
};

// Why a request is refused before anything handles it. No status: the connection just closes.
struct HttpRefusal {
  std::string status;  // "400 Bad Request", after the version
  std::string body;
  bool linger = false;  // go on reading for a moment, so that the peer can read the answer
};

HttpRefusal bad_request();
HttpRefusal bad_request(std::string_view reason);

// Nothing when the target of a request line is no valid URI.
std::optional<HttpTarget> parse_target(std::string_view method, std::string_view text);

// Fills what follows from the headers (framing, closing) and judges them.
std::optional<HttpRefusal> judge_headers(HttpRequest& request);

// Whether a comma-separated header value has this lower-case token.
bool has_token(std::string_view value, std::string_view token);

bool is_http_token(std::string_view text);
std::string_view trim_blanks(std::string_view text);

// Replaces %XX (and + by a space, where `plus_is_space`); nothing when an escape is malformed.
std::optional<std::string> unescape(std::string_view text, bool plus_is_space = false);

}  // namespace nats::monitor
