// Reads past the body of a request. Nobody wants the body: what counts is where the next request
// begins, and when Go's net/http gives up looking for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nats::monitor {

class HttpBodyReader {
 public:
  enum class Status { more, done, broken };

  // `length` as HttpRequest::content_length: 0 none, -1 chunked.
  explicit HttpBodyReader(std::int64_t length) : chunked_(length < 0), left_(length < 0 ? 0 : length) {}

  // Takes octets off the front of `in`, none past the body's end, and stops after `data_max` octets of
  // data.
  Status feed(std::string_view& in, std::uint64_t data_max);

  Status status() const { return status_; }
  bool chunked() const { return chunked_; }
  // Octets of data seen, and still to come where that is known.
  std::uint64_t data_bytes() const { return data_bytes_; }
  std::int64_t bytes_left() const { return left_; }

 private:
  enum class Where { size_line, data, data_end, trailer };

  void feed_chunked(std::string_view& in, std::uint64_t data_max);
  bool take_data(std::string_view& in, std::uint64_t data_max);
  void take_size_line();
  void take_trailer_octet(char c);

  bool chunked_;
  Status status_ = Status::more;
  std::int64_t left_;  // of the body, or of the chunk
  std::uint64_t data_bytes_ = 0;
  Where where_ = Where::size_line;
  std::string line_;
  std::int64_t overhead_ = 0;  // octets of size lines beyond what the data justifies
};

}  // namespace nats::monitor
