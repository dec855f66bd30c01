#include "tools/load/failure.h"

#include <cerrno>
#include <cstring>

namespace natstwin::load {

void fail_with_errno(const std::string& what) { throw Failure(what + ": " + std::strerror(errno)); }

}  // namespace natstwin::load
