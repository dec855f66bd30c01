#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/sys/real/tls/first_record.h"
#include "server/sys/real/tls/pem.h"

// Any octets as a PEM file and as the beginning of a connection: reading is total, what is read is no
// longer than what was there, and more octets never take back what was found complete.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t read = 0;
  for (const nats::sys::PemBlock& block : nats::sys::read_pem(text))
    read += block.type.size() + block.der.size();
  if (read > size) std::abort();
  bool complete = false;
  for (std::size_t count = 0; count <= size && count <= nats::sys::FirstRecord::size; ++count) {
    nats::sys::FirstRecord first = nats::sys::look_at_first_record(text.substr(0, count));
    if (complete && !first.complete) std::abort();
    if (first.error && !first.complete) std::abort();
    complete = first.complete;
  }
  return 0;
}
