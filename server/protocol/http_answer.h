// One answer of an HTTP server as a machine: octets in, status and body out. Feed until it is no longer
// `more`; tell the end of the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/base/bytes.h"

namespace nats::protocol {

class HttpAnswer {
 public:
  enum class State : std::uint8_t { more, done, failed };

  // A head or a body beyond these fails.
  static constexpr std::size_t head_size_max = 64 * 1024;
  static constexpr std::size_t body_size_max = 1024 * 1024;

  State feed(Bytes in);
  // The server sends no more.
  State end();

  // The head is complete.
  bool has_head() const { return status_ != 0 && !in_head_; }
  int status() const { return status_; }
  const std::string& location() const { return location_; }
  std::string take_body() { return std::move(body_); }
  // Why it failed, as Go's client says it.
  const std::string& problem() const { return problem_; }

 private:
  State go_on();
  State fail(std::string problem);
  bool read_head();
  bool read_field(std::string_view line);
  State read_body();
  State read_chunks();

  std::string held_;  // what is not understood yet
  std::string body_;
  std::string location_;
  std::string problem_;
  std::optional<std::size_t> length_;  // nothing: until the end of the connection
  std::size_t chunk_left_ = 0;
  int status_ = 0;
  bool in_head_ = true;
  bool chunked_ = false;
  bool in_chunk_ = false;
  bool in_trailer_ = false;
  State state_ = State::more;
};

}  // namespace nats::protocol
