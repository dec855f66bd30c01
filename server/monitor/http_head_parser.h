// Reads the head of one HTTP/1.x request line by line, with the acceptance rules of Go's net/http.
//
// Owner: an HttpSession, which starts a new parser for each request.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/monitor/http_request.h"

namespace nats::monitor {

class HttpHeadParser {
 public:
  // Octets that a head may have: net/http's 1 MiB and the 4 KiB it allows itself on top.
  static constexpr std::size_t head_bytes_max = (1 << 20) + 4096;

  enum class Status { more, done, refused };

  // Takes octets off the front of `in`, none that are not the head's.
  Status feed(std::string_view& in);
  // No more octets will come. A line that was cut counts as a line, as it does in Go; then the
  // request is refused, without a word after a time-out.
  Status end(bool timed_out);

  const HttpRequest& request() const { return request_; }
  const HttpRefusal& refusal() const { return refusal_; }

 private:
  Status take_line(std::string_view line);
  Status take_request_line(std::string_view line);
  Status take_header_line(std::string_view line);
  bool finish_header();
  Status finish();
  Status refuse(HttpRefusal refusal);

  HttpRequest request_;
  HttpRefusal refusal_;
  std::string line_;    // the line being read
  std::string header_;  // a header that may still be continued on the next line
  bool has_header_ = false;
  bool has_request_line_ = false;
  std::size_t bytes_ = 0;
};

// The canonical form of a header's name; "" when it has an octet that no name may have. A space is
// let through, for the request to be refused by another text.
std::string canonical_header_name(std::string_view name);

// "name: value" in one line, as it is before it is judged; false when malformed.
bool parse_header(std::string_view line, HttpHeader& header);

}  // namespace nats::monitor
