#include "server/sys/real/diagnostics/symbols.h"

#include <backtrace.h>
#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace nats::sys {

namespace {

// A program without symbols is an answer, not an error: places stay empty.
void ignore_error(void*, const char*, int) {}

void take_symbol(void* to, std::uintptr_t, const char* name, std::uintptr_t start, std::uintptr_t) {
  auto& place = *static_cast<CodePlace*>(to);
  if (!name) return;
  place.function = name;
  place.start = start;
}

// The first one is the innermost of what was inlined there.
int take_line(void* to, std::uintptr_t, const char* file, int line, const char*) {
  auto& place = *static_cast<CodePlace*>(to);
  if (file && place.file.empty()) {
    place.file = file;
    place.line = line;
  }
  return 1;
}

std::string demangle(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : name;
}

}  // namespace

CodePlace find_place(CodeAddress address) {
  static backtrace_state* const state = backtrace_create_state(nullptr, 1, ignore_error, nullptr);
  CodePlace place;
  if (!state) return place;
  backtrace_syminfo(state, address, take_symbol, ignore_error, &place);
  backtrace_pcinfo(state, address, take_line, ignore_error, &place);
  place.function = demangle(place.function);
  return place;
}

}  // namespace nats::sys
