// HTTP/1.x answers.
#include <algorithm>
#include <cctype>
#include <charconv>

#include "conformance/trace/decode.h"
#include "conformance/trace/json_text.h"

namespace natstwin::trace {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view header_value(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !equals_ignoring_case(line.substr(0, colon), name)) continue;
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

struct Body {
  std::size_t size = 0;  // bytes on the wire
  std::string text;      // after removal of the chunks' framing
  bool complete = false;
};

Body chunked_body(std::string_view rest) {
  Body body;
  std::size_t at = 0;
  while (true) {
    const auto end = rest.find("\r\n", at);
    if (end == std::string_view::npos) return body;
    std::size_t size = 0;
    const auto [stop, error] = std::from_chars(rest.data() + at, rest.data() + end, size, 16);
    if (error != std::errc{} || stop == rest.data() + at) return body;
    at = end + 2;
    if (rest.size() < at + size + 2) return body;
    body.text += rest.substr(at, size);
    at += size + 2;
    if (size > 0) continue;
    body.size = at;
    body.complete = true;
    return body;
  }
}

class HttpDecoder final : public Decoder {
 public:
  void feed(std::string_view bytes) override { buffer_ += bytes; }

  std::optional<Frame> next() override {
    const auto end = buffer_.find(head_end);
    if (end == std::string::npos) return std::nullopt;
    const std::string_view head = std::string_view(buffer_).substr(0, end + 2);
    const std::string_view rest = std::string_view(buffer_).substr(end + 4);
    Body body;
    if (header_value(head, "Transfer-Encoding") == "chunked") {
      body = chunked_body(rest);
    } else if (const auto length = header_value(head, "Content-Length"); !length.empty()) {
      std::from_chars(length.data(), length.data() + length.size(), body.size);
      body.complete = rest.size() >= body.size;
      body.text = rest.substr(0, body.size);
    } else if (has_no_body(head)) {
      body.complete = true;
    }
    if (!body.complete) return std::nullopt;
    Frame frame{"HTTP", http_leaves(head, body.text)};
    buffer_.erase(0, end + 4 + body.size);
    return frame;
  }

  // Without a length the body ends with the connection. A HEAD answer has a length but no body.
  std::vector<Frame> finish() override {
    std::vector<Frame> frames;
    while (auto frame = next()) frames.push_back(std::move(*frame));
    if (buffer_.empty()) return frames;
    const auto end = buffer_.find(head_end);
    if (end == std::string::npos) {
      frames.push_back({"RAW", {{"bytes", quote_bytes(buffer_)}}});
    } else {
      const std::string_view bytes = buffer_;
      frames.push_back({"HTTP", http_leaves(bytes.substr(0, end + 2), bytes.substr(end + 4))});
    }
    buffer_.clear();
    return frames;
  }

  std::size_t buffered() const override { return buffer_.size(); }

 private:
  static bool has_no_body(std::string_view head) {
    const auto status = head.substr(0, head.find("\r\n"));
    return status.find(" 204") != std::string_view::npos || status.find(" 304") != std::string_view::npos ||
           status.find(" 1") == status.find(' ');
  }

  std::string buffer_;
};

}  // namespace

std::vector<Leaf> http_leaves(std::string_view head, std::string_view body) {
  std::vector<Leaf> leaves;
  std::vector<std::string> names;
  bool first = true;
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (line.empty()) continue;
    if (first) {
      leaves.push_back({"status", quote_bytes(line)});
      first = false;
      continue;
    }
    const auto colon = line.find(": ");
    const std::string name(line.substr(0, colon));
    const auto index = std::ranges::count(names, name);
    names.push_back(name);
    if (colon == std::string_view::npos || name.find_first_of(" []=\"") != std::string::npos) {
      leaves.push_back({"headers#line[" + std::to_string(names.size()) + "]", quote_bytes(line)});
    } else {
      leaves.push_back(
          {"headers." + name + "[" + std::to_string(index) + "]", quote_bytes(line.substr(colon + 2))});
    }
  }
  const bool structured = body.starts_with('{') || body.starts_with('[');
  if (body.empty()) return leaves;
  if (!structured || !append_json(body, "json", leaves)) append_lines(body, "body", leaves);
  return leaves;
}

std::unique_ptr<Decoder> make_http_decoder() { return std::make_unique<HttpDecoder>(); }

}  // namespace natstwin::trace
