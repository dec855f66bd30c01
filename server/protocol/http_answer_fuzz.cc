#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/protocol/http_answer.h"

// Whatever a server says: reading is total, and pieces make no difference.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using nats::protocol::HttpAnswer;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  HttpAnswer whole;
  whole.feed(text);
  HttpAnswer::State state = whole.end();
  HttpAnswer pieces;
  for (std::size_t at = 0; at < size; at += 3) pieces.feed(text.substr(at, 3));
  if (pieces.end() != state) std::abort();
  if (state == HttpAnswer::State::done &&
      (pieces.status() != whole.status() || pieces.take_body() != whole.take_body()))
    std::abort();
  return 0;
}
