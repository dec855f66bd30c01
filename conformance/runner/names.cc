#include "conformance/runner/names.h"

#include <algorithm>

namespace natstwin::runner {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool stands_alone(std::string_view text, std::size_t at, std::size_t size) {
  const bool before = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.');
  const auto end = at + size;
  return before && (end == text.size() || !is_word(text[end]));
}

}  // namespace

void Names::add_text(std::string value, std::string placeholder) {
  add({std::move(value), std::move(placeholder), false});
}

void Names::add_number(long value, std::string placeholder) {
  add({std::to_string(value), std::move(placeholder), true});
}

void Names::add(Name name) {
  std::erase_if(names_, [&](const Name& known) { return known.value == name.value; });
  const auto place =
      std::ranges::find_if(names_, [&](const Name& known) { return known.value.size() < name.value.size(); });
  names_.insert(place, std::move(name));
}

std::string Names::replace(std::string_view text) const {
  std::string out(text);
  for (const Name& name : names_) {
    if (out.size() < name.value.size()) continue;
    for (auto at = out.find(name.value); at != std::string::npos;) {
      if (name.number && !stands_alone(out, at, name.value.size())) {
        at = out.find(name.value, at + 1);
        continue;
      }
      out.replace(at, name.value.size(), name.placeholder);
      at = out.find(name.value, at + name.placeholder.size());
    }
  }
  return out;
}

}  // namespace natstwin::runner
