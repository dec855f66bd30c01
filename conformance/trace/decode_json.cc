// JSON as leaves that keep the spelling of every token, and the check that spacing follows one of the
// two styles of Go's encoder.
#include <fmt/core.h>

#include <algorithm>

#include "conformance/trace/decode.h"
#include "conformance/trace/json_text.h"

namespace natstwin::trace {
namespace {

constexpr int depth_max = 200;

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '$' || c == '/';
  });
}

// Reads a text once; gives its leaves and both canonical spellings beside it.
class Scanner {
 public:
  Scanner(std::string_view text, std::vector<Leaf>& leaves) : text_(text), leaves_(leaves) {}

  bool scan(const std::string& path) {
    skip_space();
    if (!scan_value(path, 0)) return false;
    end_ = at_;
    skip_space();
    return at_ == text_.size();
  }

  std::string format() const {
    const auto value = text_.substr(0, end_);
    const auto tail = text_.substr(end_);
    std::string style = value == compact_ ? "compact" : value == indented_ ? "indent-2" : "";
    if (style.empty() || (!tail.empty() && tail != "\n")) return {};
    return tail.empty() ? style : style + "+newline";
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }

  void emit(std::string_view token) {
    compact_ += token;
    indented_ += token;
  }

  void new_line(int depth) {
    indented_ += '\n';
    indented_.append(static_cast<std::size_t>(depth) * 2, ' ');
  }

  bool scan_value(const std::string& path, int depth) {
    if (depth > depth_max) return false;
    if (peek() == '{') return scan_object(path, depth);
    if (peek() == '[') return scan_array(path, depth);
    std::string_view token;
    if (!(peek() == '"' ? take_string(token) : take_scalar(token))) return false;
    emit(token);
    leaves_.push_back({path, std::string(token)});
    return true;
  }

  bool take_string(std::string_view& token) {
    const auto begin = at_++;
    for (; at_ < text_.size(); ++at_) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c < 0x20) return false;
      if (c == '\\') {
        ++at_;
      } else if (c == '"') {
        token = text_.substr(begin, ++at_ - begin);
        return true;
      }
    }
    return false;
  }

  bool take_scalar(std::string_view& token) {
    const auto begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n,]}").find(peek()) == std::string_view::npos) ++at_;
    token = text_.substr(begin, at_ - begin);
    return token == "true" || token == "false" || token == "null" || is_json_number(token);
  }

  bool scan_object(const std::string& path, int depth) {
    emit("{");
    ++at_;
    skip_space();
    if (peek() == '}') return close_empty('}', "{}", path);
    while (true) {
      new_line(depth + 1);
      std::string_view key;
      skip_space();
      if (peek() != '"' || !take_string(key)) return false;
      emit(key);
      skip_space();
      if (peek() != ':') return false;
      ++at_;
      compact_ += ':';
      indented_ += ": ";
      skip_space();
      const auto name = key.substr(1, key.size() - 2);
      const auto inner =
          is_plain_key(name) ? path + "." + std::string(name) : fmt::format("{}[{}]", path, quote_key(key));
      if (!scan_value(inner, depth + 1)) return false;
      if (!more('}', depth)) return closed_;
    }
  }

  // The key as a JSON string without blanks, so that it is one word of a path.
  static std::string quote_key(std::string_view token) {
    std::string key;
    for (const char c : token) {
      if (c == ' ')
        key += "\\u0020";
      else if (static_cast<unsigned char>(c) < 0x80)
        key += c;
      else
        key += fmt::format("\\u00{:02x}", static_cast<unsigned char>(c));
    }
    return key;
  }

  bool scan_array(const std::string& path, int depth) {
    emit("[");
    ++at_;
    skip_space();
    if (peek() == ']') return close_empty(']', "[]", path);
    for (std::size_t index = 0;; ++index) {
      new_line(depth + 1);
      skip_space();
      if (!scan_value(fmt::format("{}[{}]", path, index), depth + 1)) return false;
      if (!more(']', depth)) return closed_;
    }
  }

  bool close_empty(char close, std::string_view token, const std::string& path) {
    emit(std::string_view(&close, 1));
    ++at_;
    leaves_.push_back({path, std::string(token)});
    return true;
  }

  // After a value: true if another follows; else `closed_` says whether the end was right.
  bool more(char close, int depth) {
    skip_space();
    closed_ = false;
    if (peek() == ',') {
      emit(",");
      ++at_;
      return true;
    }
    if (peek() != close) return false;
    new_line(depth);
    emit(std::string_view(&close, 1));
    ++at_;
    closed_ = true;
    return false;
  }

  std::string_view text_;
  std::vector<Leaf>& leaves_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  bool closed_ = false;
  std::string compact_;
  std::string indented_;
};

}  // namespace

bool append_json(std::string_view text, std::string_view prefix, std::vector<Leaf>& leaves) {
  const auto before = leaves.size();
  const std::string path(prefix);
  Scanner scanner(text, leaves);
  if (!scanner.scan(path)) {
    leaves.resize(before);
    return false;
  }
  const std::string format = scanner.format();
  leaves.push_back({path + "#format", quote_bytes(format.empty() ? "other" : format)});
  if (format.empty()) leaves.push_back({path + "#text", quote_bytes(text)});
  return true;
}

void append_payload(std::string_view text, std::string_view prefix, std::vector<Leaf>& leaves) {
  const bool structured = text.starts_with('{') || text.starts_with('[');
  if (structured && append_json(text, std::string(prefix) + ".json", leaves)) return;
  leaves.push_back({std::string(prefix), quote_bytes(text)});
}

void append_lines(std::string_view text, std::string_view prefix, std::vector<Leaf>& leaves) {
  for (std::size_t index = 0;; ++index) {
    const auto end = text.find('\n');
    leaves.push_back({fmt::format("{}[{}]", prefix, index), quote_bytes(text.substr(0, end))});
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

const Leaf* Frame::leaf(std::string_view path) const {
  const auto found = std::ranges::find(leaves, path, &Leaf::path);
  return found == leaves.end() ? nullptr : &*found;
}

}  // namespace natstwin::trace
