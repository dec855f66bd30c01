#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/auth/redact.h"

// Nothing of a plain password may be left, wherever the rest of the line comes from; and redacting is
// total.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string line(reinterpret_cast<const char*>(data), size);
  nats::auth::redact_secrets(line);
  std::string secret = "Xy7Qz1";
  if (line.find(secret) == std::string::npos &&
      nats::auth::redact_secrets("{\"pass\":\"" + secret + "\"," + line).find(secret) != std::string::npos)
    std::abort();
  return 0;
}
