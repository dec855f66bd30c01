// The names of this program's code, from its own symbol table and debug information.
#pragma once

#include "server/sys/diagnostics.h"

namespace nats::sys {

// Reads the program's file when first called and keeps what it found. Thread-safe.
CodePlace find_place(CodeAddress address);

}  // namespace nats::sys
