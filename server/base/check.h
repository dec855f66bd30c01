// NATS_CHECK states what the program itself guarantees. It is on in release and must never be
// reachable from input.
#pragma once

namespace nats {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace nats

#define NATS_CHECK(condition)                               \
  do {                                                      \
    if (!(condition)) [[unlikely]]                          \
      ::nats::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
