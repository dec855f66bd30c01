#include "conformance/trace/bindings.h"

#include <fmt/core.h>

namespace natstwin::trace {

bool Bindings::is_random(int id) const {
  // Ports and short names may meet by chance; these may not.
  constexpr std::size_t random_size_min = 8;
  const NameShape& shape = golden_.names[static_cast<std::size_t>(id) - 1];
  return shape.alphabet != "port" && shape.alphabet != "0-9" && shape.min >= random_size_min;
}

std::optional<std::string> Bindings::contradiction(const Capture& capture) const {
  const int id = capture.part->id;
  if (capture.part->kind == PartKind::time) {
    const auto bound = times_.find(id);
    if (bound == times_.end() || bound->second.token == capture.token) return std::nullopt;
    return fmt::format("<time:{}> is {} since {}", id, bound->second.token, bound->second.place);
  }
  if (capture.part->kind != PartKind::name) return std::nullopt;
  const auto bound = names_.find(id);
  if (bound != names_.end()) {
    if (bound->second.token == capture.token) return std::nullopt;
    return fmt::format("<id:{}> is {} since {}", id, bound->second.token, bound->second.place);
  }
  const auto other = random_tokens_.find(capture.token);
  if (other == random_tokens_.end() || other->second == id || !is_random(id)) return std::nullopt;
  return fmt::format("<id:{}> must not be <id:{}> of {}", id, other->second, names_.at(other->second).place);
}

bool Bindings::agrees(std::span<const Capture> captures) const {
  for (const Capture& capture : captures) {
    if (contradiction(capture)) return false;
  }
  return true;
}

std::optional<std::string> Bindings::bind(std::span<const Capture> captures, std::string_view place) {
  std::optional<std::string> first;
  for (const Capture& capture : captures) {
    const int id = capture.part->id;
    if (auto why = contradiction(capture)) {
      if (!first) first = std::move(why);
    } else if (capture.part->kind == PartKind::time) {
      times_.try_emplace(id, Bound{capture.token, std::string(place)});
    } else if (capture.part->kind == PartKind::name) {
      names_.try_emplace(id, Bound{capture.token, std::string(place)});
      if (is_random(id)) random_tokens_.try_emplace(capture.token, id);
    }
  }
  return first;
}

const Bindings::Bound* Bindings::time(int id) const {
  const auto bound = times_.find(id);
  return bound == times_.end() ? nullptr : &bound->second;
}

}  // namespace natstwin::trace
