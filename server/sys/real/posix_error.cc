#include "server/sys/real/posix_error.h"

#include <cerrno>
#include <cstring>

namespace nats::sys {

std::string errno_text(int error) {
  // The C library's texts are Go's but for the capital.
  const char* text = ::strerrordesc_np(error);
  if (!text) return "errno " + std::to_string(error);
  std::string result(text);
  if (!result.empty() && result[0] >= 'A' && result[0] <= 'Z') result[0] += 'a' - 'A';
  return result;
}

ErrorCode errno_code(int error) {
  switch (error) {
    case ECONNRESET:
      return ErrorCode::connection_reset;
    case ECONNREFUSED:
      return ErrorCode::connection_refused;
    case ETIMEDOUT:
      return ErrorCode::timed_out;
    case EPIPE:
      return ErrorCode::broken_pipe;
    case EADDRINUSE:
      return ErrorCode::address_in_use;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return ErrorCode::address_invalid;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission_denied;
    case ENOENT:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::already_exists;
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::no_space;
    case EIO:
      return ErrorCode::io_error;
    case ENOTDIR:
      return ErrorCode::not_a_directory;
    case EISDIR:
      return ErrorCode::is_a_directory;
    case ENAMETOOLONG:
      return ErrorCode::name_too_long;
    case EINVAL:
      return ErrorCode::invalid_argument;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return ErrorCode::limit_exceeded;
    case EOPNOTSUPP:
      return ErrorCode::unsupported;
    case ECANCELED:
      return ErrorCode::cancelled;
    default:
      return ErrorCode::other;
  }
}

Error errno_error(std::string_view what, int error) {
  std::string detail(what);
  detail += ": ";
  detail += errno_text(error);
  return Error{errno_code(error), std::move(detail)};
}

std::unexpected<Error> fail_errno(std::string_view what, int error) {
  return std::unexpected<Error>(errno_error(what, error));
}

}  // namespace nats::sys
