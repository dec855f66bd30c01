#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/protocol/s2.h"

// Frames of any octets: reading is total; and any octets, once written, are read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t size_max = 1 << 20;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto plain = nats::protocol::s2_decompress(text, size_max);
  if (plain && plain->size() > size_max) std::abort();
  if (nats::protocol::s2_decompress(nats::protocol::s2_compress(text), size) != text) std::abort();
  return 0;
}
