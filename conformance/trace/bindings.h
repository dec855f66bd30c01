// What the names and times of a golden stand for in one replay.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/golden.h"
#include "conformance/trace/pattern.h"

namespace natstwin::trace {

class Bindings {
 public:
  explicit Bindings(const Golden& golden) : golden_(golden) {}

  // Binds what is not bound yet. The first capture that contradicts an earlier one is told in words;
  // `place` is remembered for that.
  std::optional<std::string> bind(std::span<const Capture> captures, std::string_view place);
  // True if bind() would say nothing; binds nothing.
  bool agrees(std::span<const Capture> captures) const;

  struct Bound {
    std::string token;
    std::string place;
  };
  const Bound* time(int id) const;

 private:
  std::optional<std::string> contradiction(const Capture& capture) const;
  bool is_random(int id) const;

  const Golden& golden_;
  std::map<int, Bound> names_;
  std::map<int, Bound> times_;
  std::map<std::string, int, std::less<>> random_tokens_;
};

}  // namespace natstwin::trace
