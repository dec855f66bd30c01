#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/auth/ocsp_cache.h"

namespace {

class Quiet final : public nats::Log {
 public:
  void write(nats::LogLevel, std::string_view) override {}
};

}  // namespace

// Any octets as the file of the cache: reading is total, and what was read is written so that it is read
// as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Quiet log;
  nats::auth::OcspCache cache({}, log);
  const bool read = cache.load({reinterpret_cast<const char*>(data), size}).has_value();
  const std::string json = cache.to_json();
  if (!read && json != nats::auth::OcspCache({}, log).to_json()) std::abort();
  nats::auth::OcspCache again({}, log);
  if (!again.load(json) || again.to_json() != json) std::abort();
  return 0;
}
