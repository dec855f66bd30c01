#include "tools/load/options.h"

#include <charconv>
#include <cmath>

#include "tools/load/failure.h"

namespace natstwin::load {

Options Options::parse(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      options.rest_.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
      break;
    }
    if (!word.starts_with("--")) throw Failure("not an option: " + word);
    if (at + 1 == words.size()) throw Failure("no value for " + word);
    options.values_[word.substr(2)] = words[++at];
  }
  return options;
}

const std::string* Options::find(std::string_view name) {
  asked_.emplace(name);
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Options::text(std::string_view name, std::string_view otherwise) {
  const std::string* value = find(name);
  return value ? *value : std::string(otherwise);
}

std::uint64_t Options::count(std::string_view name, std::uint64_t otherwise) {
  const std::string* value = find(name);
  if (!value) return otherwise;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc{} || end != value->data() + value->size())
    throw Failure("--" + std::string(name) + " needs a whole number, not " + *value);
  return number;
}

Transport Options::transport() {
  const std::string value = text("tls", "no");
  if (value != "yes" && value != "no") throw Failure("--tls needs yes or no, not " + value);
  return value == "yes" ? Transport::tls : Transport::plain;
}

std::uint64_t Options::required_count(std::string_view name) {
  if (!find(name)) throw Failure("--" + std::string(name) + " is missing");
  return count(name, 0);
}

double Options::seconds(std::string_view name, double otherwise) {
  const std::string* value = find(name);
  if (!value) return otherwise;
  double number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc{} || end != value->data() + value->size() || !std::isfinite(number) || number < 0)
    throw Failure("--" + std::string(name) + " needs seconds, not " + *value);
  return number;
}

void Options::check_all_known() const {
  for (const auto& [name, value] : values_)
    if (!asked_.contains(name)) throw Failure("unknown option --" + name);
}

}  // namespace natstwin::load
