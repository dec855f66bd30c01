#include "conformance/cli/options.h"

#include <algorithm>
#include <charconv>

namespace natstwin::cli {

std::expected<Options, std::string> Options::parse(const std::vector<std::string>& arguments,
                                                   const std::vector<std::string_view>& valued,
                                                   const std::vector<std::string_view>& flags) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--")) {
      options.operands_.push_back(argument);
      continue;
    }
    const auto equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (std::ranges::find(flags, name) != flags.end() && equals == std::string::npos) {
      options.values_[name].emplace_back();
    } else if (std::ranges::find(valued, name) == valued.end()) {
      return std::unexpected("unknown option '" + argument + "'");
    } else if (equals != std::string::npos) {
      options.values_[name].push_back(argument.substr(equals + 1));
    } else if (i + 1 < arguments.size()) {
      options.values_[name].push_back(arguments[++i]);
    } else {
      return std::unexpected("option '" + argument + "' needs a value");
    }
  }
  return options;
}

std::string Options::get(std::string_view name, std::string_view otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Options::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::expected<long, std::string> Options::number(std::string_view name, long otherwise) const {
  if (!has(name)) return otherwise;
  const std::string text = get(name);
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
    return std::unexpected("option '--" + std::string(name) + "' needs a number, not '" + text + "'");
  }
  return value;
}

}  // namespace natstwin::cli
