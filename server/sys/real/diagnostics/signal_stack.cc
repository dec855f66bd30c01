#include "server/sys/real/diagnostics/signal_stack.h"

#include <errno.h>
#include <signal.h>
#include <ucontext.h>
#include <unwind.h>

#include <atomic>

#include "server/base/check.h"

namespace nats::sys {

namespace {

CodeAddress interrupted_at(const void* context) {
  const auto* machine = &static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<CodeAddress>(machine->gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<CodeAddress>(machine->pc);
#else
#error "the register that holds the program counter is not known here"
#endif
}

struct Walk {
  SignalStack& stack;
  CodeAddress first;
  bool found = false;  // the handler's own frames are passed
};

_Unwind_Reason_Code take_frame(_Unwind_Context* frame, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  const CodeAddress address = _Unwind_GetIP(frame);
  if (address == 0) return _URC_END_OF_STACK;
  walk.found = walk.found || address == walk.first;
  if (!walk.found) return _URC_NO_REASON;
  walk.stack.addresses[walk.stack.depth++] = address;
  return walk.stack.depth == SignalStack::depth_max ? _URC_END_OF_STACK : _URC_NO_REASON;
}

constexpr int signals_max = 65;
std::atomic<void (*)(int, void*)> handlers[signals_max];

void on_signal(int signal, siginfo_t*, void* context) {
  const int saved = errno;
  if (auto* handler = handlers[signal].load(std::memory_order_acquire)) handler(signal, context);
  errno = saved;
}

}  // namespace

void SignalStack::walk(void* context) {
  depth = 0;
  Walk walk{*this, interrupted_at(context)};
  _Unwind_Backtrace(take_frame, &walk);
  if (depth == 0) addresses[depth++] = walk.first;
}

void install_signal_handler(int signal, void (*handler)(int, void*)) {
  NATS_CHECK(signal > 0 && signal < signals_max);
  handlers[signal].store(handler, std::memory_order_release);
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  ::sigfillset(&action.sa_mask);
  NATS_CHECK(::sigaction(signal, &action, nullptr) == 0);
}

}  // namespace nats::sys
