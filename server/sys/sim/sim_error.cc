#include "server/sys/sim/sim_error.h"

namespace nats::sys {

std::string_view sim_error_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::connection_reset:
      return "connection reset by peer";
    case ErrorCode::connection_refused:
      return "connection refused";
    case ErrorCode::timed_out:
      return "i/o timeout";
    case ErrorCode::broken_pipe:
      return "broken pipe";
    case ErrorCode::address_in_use:
      return "address already in use";
    case ErrorCode::address_invalid:
      return "cannot assign requested address";
    case ErrorCode::host_unknown:
      return "no such host";
    case ErrorCode::permission_denied:
      return "permission denied";
    case ErrorCode::not_found:
      return "no such file or directory";
    case ErrorCode::already_exists:
      return "file exists";
    case ErrorCode::no_space:
      return "no space left on device";
    case ErrorCode::io_error:
      return "input/output error";
    case ErrorCode::not_a_directory:
      return "not a directory";
    case ErrorCode::is_a_directory:
      return "is a directory";
    case ErrorCode::name_too_long:
      return "file name too long";
    case ErrorCode::invalid_argument:
      return "invalid argument";
    case ErrorCode::limit_exceeded:
      return "too many open files";
    case ErrorCode::unsupported:
      return "operation not supported";
    case ErrorCode::cancelled:
      return "operation canceled";
    case ErrorCode::end_of_stream:
      return "EOF";
    case ErrorCode::tls_not_spoken:
    case ErrorCode::tls_http_spoken:
    case ErrorCode::tls_certificate_refused:
    case ErrorCode::tls_failed:
    case ErrorCode::malformed:
    case ErrorCode::other:
      break;
  }
  return "directory not empty";  // the one error of a disk that has no code of its own
}

Error sim_error(std::string_view what, ErrorCode code) {
  std::string detail(what);
  detail += ": ";
  detail += sim_error_text(code);
  return Error{code, std::move(detail)};
}

std::unexpected<Error> sim_fail(std::string_view what, ErrorCode code) {
  return std::unexpected<Error>(sim_error(what, code));
}

}  // namespace nats::sys
