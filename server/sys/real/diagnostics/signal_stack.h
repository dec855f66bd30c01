// The stack of the thread that a signal interrupted, walked inside the handler: no lock, no memory.
#pragma once

#include <array>
#include <cstdint>

#include "server/sys/diagnostics.h"

namespace nats::sys {

struct SignalStack {
  static constexpr std::uint32_t depth_max = 64;

  std::array<CodeAddress, depth_max> addresses;
  std::uint32_t depth = 0;

  // `context` is the third argument of a handler.
  void walk(void* context);
  CodeStack copy() const { return {addresses.begin(), addresses.begin() + depth}; }
};

// Makes `handler` the process's for `signal`. System calls that it interrupts are restarted.
void install_signal_handler(int signal, void (*handler)(int, void* context));

}  // namespace nats::sys
