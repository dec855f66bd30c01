#include "conformance/runner/log_line.h"

#include <algorithm>
#include <array>

#include "conformance/trace/json_text.h"

namespace natstwin::runner {
namespace {

constexpr std::array<std::string_view, 6> levels{"INF", "WRN", "ERR", "FTL", "DBG", "TRC"};
constexpr std::size_t prefix_max = 60;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string shape_of(std::string_view prefix) {
  std::string shape;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (!is_digit(prefix[i])) {
      shape += prefix[i];
    } else if (shape == "[") {
      while (i + 1 < prefix.size() && is_digit(prefix[i + 1])) ++i;
      shape += "pid";
    } else {
      shape += 'd';
    }
  }
  return shape;
}

}  // namespace

LogLine parse_log_line(std::string_view line) {
  for (auto open = line.find('['); open != std::string_view::npos && open < prefix_max;
       open = line.find('[', open + 1)) {
    if (open + 5 > line.size() || line[open + 4] != ']') continue;
    const auto level = line.substr(open + 1, 3);
    if (std::ranges::find(levels, level) == levels.end()) continue;
    auto text = line.substr(open + 5);
    if (text.starts_with(' ')) text.remove_prefix(1);
    return {std::string(level), shape_of(line.substr(0, open)), std::string(text)};
  }
  return {{}, {}, std::string(line)};
}

void append_output(std::string_view text, std::string_view path, std::vector<trace::Leaf>& leaves) {
  for (std::size_t index = 0; !text.empty(); ++index) {
    const auto end = std::min(text.find('\n'), text.size());
    const LogLine line = parse_log_line(text.substr(0, end));
    const std::string shown =
        line.level.empty() ? line.text : line.prefix + "[" + line.level + "] " + line.text;
    const bool last_is_open = end == text.size();
    leaves.push_back({std::string(path) + "[" + std::to_string(index) + "]", trace::quote_bytes(shown)});
    if (last_is_open) leaves.push_back({std::string(path) + "#open", "true"});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace natstwin::runner
