// Test data recorded from the reference: cases of prefixed lines, see the head of each file in testdata/.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nats::config {

inline std::string unescape_recorded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text[i + 1] == 'x') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      out += text[++i];
    }
  }
  return out;
}

// The lines of one file, empty lines and comments left out.
class RecordedFile {
 public:
  explicit RecordedFile(const std::string& name) : file_("server/config/testdata/" + name) { advance(); }

  bool opened() const { return file_.is_open(); }
  bool done() const { return !line_; }

  // "<word> rest" when the line begins with that word.
  std::optional<std::string> take(std::string_view word) {
    if (!line_ || !line_->starts_with(word)) return std::nullopt;
    std::string rest = line_->substr(std::min(line_->size(), word.size() + 1));
    advance();
    return rest;
  }

  // All lines marked with `mark`, as one text.
  std::string take_text(char mark) {
    std::string out;
    while (line_ && line_->front() == mark) {
      bool open_end = line_->size() > 1 && (*line_)[1] == '-';
      std::size_t start = open_end ? 3 : 2;
      out += unescape_recorded(line_->size() > start ? std::string_view(*line_).substr(start)
                                                     : std::string_view());
      if (!open_end) out += '\n';
      advance();
    }
    return out;
  }

 private:
  void advance() {
    std::string line;
    while (std::getline(file_, line)) {
      if (line.empty() || line.front() == '#') continue;
      line_ = line;
      return;
    }
    line_.reset();
  }

  std::ifstream file_;
  std::optional<std::string> line_;
};

}  // namespace nats::config
