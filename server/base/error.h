// What peers, disks and users can get wrong. Programming errors are NATS_CHECK's business.
//
// An Error is a code that logic may branch on and a detail that only the log shows.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace nats {

enum class ErrorCode : std::uint16_t {
  // sys/: streams
  end_of_stream = 1,
  connection_reset,
  connection_refused,
  timed_out,
  broken_pipe,
  address_in_use,
  address_invalid,
  host_unknown,
  permission_denied,
  // sys/: TLS handshakes
  tls_not_spoken,           // the peer says something else
  tls_http_spoken,          // namely HTTP, to a client
  tls_certificate_refused,  // the peer's
  tls_failed,
  // sys/: files
  not_found,
  already_exists,
  no_space,
  io_error,
  not_a_directory,
  is_a_directory,
  name_too_long,
  // any module
  invalid_argument,
  malformed,
  limit_exceeded,
  unsupported,
  cancelled,
  other,
};

struct Error {
  ErrorCode code = ErrorCode::other;
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
  return std::unexpected<Error>(Error{code, std::move(detail)});
}

}  // namespace nats

// Evaluates to the value of a Result, or returns its error to the caller.
#define NATS_TRY(expression)                                                                         \
  ({                                                                                                 \
    auto nats_try_result = (expression);                                                             \
    if (!nats_try_result) return std::unexpected<::nats::Error>(std::move(nats_try_result).error()); \
    std::move(*nats_try_result);                                                                     \
  })

// The same for Result<void>.
#define NATS_TRY_VOID(expression)                                                                    \
  do {                                                                                               \
    auto nats_try_result = (expression);                                                             \
    if (!nats_try_result) return std::unexpected<::nats::Error>(std::move(nats_try_result).error()); \
  } while (false)
