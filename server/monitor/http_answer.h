// An answer to an HTTP request, and its octets as Go's net/http writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/time.h"
#include "server/monitor/http_request.h"

namespace nats::monitor {

struct HttpAnswer {
  int status = 200;
  // What the handler set, by name in alphabetical order. Date, Content-Length, Connection and a
  // Content-Type guessed from the body are added when the answer is written.
  std::vector<HttpHeader> headers;
  std::string body;

  std::string_view header(std::string_view name) const;
};

HttpAnswer json_answer(std::string json, int status = 200);
// A text without a Content-Type of its own.
HttpAnswer text_answer(int status, std::string text);
// As http.Error: plain text that browsers shall not guess about.
HttpAnswer error_answer(int status, std::string_view text);
// What writing an answer means for the connection.
struct HttpFraming {
  bool close = false;  // after this answer
  bool has_length = false;
  bool chunked = false;
  bool has_body = true;
  std::string_view connection;  // a header to add
};

HttpFraming frame(const HttpRequest& request, const HttpAnswer& answer, bool must_close);

// Everything that stands before the body; where it is chunked it is one chunk, and chunks_end follows.
std::string encode_head(const HttpRequest& request, const HttpAnswer& answer, const HttpFraming& framing,
                        WallTime now);
inline constexpr std::string_view chunks_end = "\r\n0\r\n\r\n";

// The answer to a request that was refused unread.
std::string encode(const HttpRefusal& refusal);

std::string_view status_text(int status);

}  // namespace nats::monitor
