// What ends a run early: a server that refuses, vanishes, loses messages, or a wrong command line. main()
// catches it, prints it and exits with 2.
#pragma once

#include <stdexcept>
#include <string>

namespace natstwin::load {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Appends what errno says.
[[noreturn]] void fail_with_errno(const std::string& what);

}  // namespace natstwin::load
