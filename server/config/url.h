// URLs as Go's net/url reads them, as far as configuration needs it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/base/error.h"

namespace nats::config {

struct Url {
  std::string scheme;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::string host;  // with the port, as it stood
  std::string path;  // decoded

  // What follows the host's last colon, if that is a port.
  std::string_view port() const;
};

// url.Parse. The error's detail is Go's: `parse "x": reason`.
Result<Url> parse_url(std::string_view text);

// "nats://[REDACTED]@host", for what is shown or logged.
std::string redact_url(std::string_view text);
// The same for each of a list separated by commas.
std::string redact_url_list(std::string_view text);

}  // namespace nats::config
