// What a client sends: control lines, and the payloads of PUB and HPUB.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::trace {

struct ClientOp {
  std::string line;     // without CRLF
  std::string headers;  // of HPUB
  std::string payload;  // of PUB and HPUB
  bool publishes = false;
  std::string raw;  // instead of all that: bytes that are no operation
};

class ClientOpDecoder {
 public:
  void feed(std::string_view bytes) { buffer_ += bytes; }
  std::optional<ClientOp> next();
  // The client closed: what is left, if anything.
  std::optional<ClientOp> finish();

 private:
  std::optional<ClientOp> take_raw(std::size_t size);

  std::string buffer_;
};

}  // namespace natstwin::trace
