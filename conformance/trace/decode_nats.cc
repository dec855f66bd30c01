// What a NATS server sends to a client.
#include <algorithm>
#include <array>
#include <charconv>

#include "conformance/trace/decode.h"
#include "conformance/trace/json_text.h"

namespace natstwin::trace {
namespace {

constexpr std::size_t line_max = 4 << 20;
constexpr std::size_t payload_max = 256u << 20;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::optional<std::size_t> size_of(std::string_view word) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size() || value > payload_max) return std::nullopt;
  return value;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const auto word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// Operations between servers. Those that end with sizes carry a payload.
constexpr std::array<std::string_view, 11> link_ops{"RS+", "RS-",   "LS+",     "LS-", "A+",  "A-",
                                                    "SUB", "UNSUB", "CONNECT", "+OK", "RMSG"};
constexpr std::array<std::string_view, 3> link_messages{"RMSG ", "LMSG ", "HMSG "};

class NatsDecoder final : public Decoder {
 public:
  explicit NatsDecoder(bool link) : link_(link) {}

  void feed(std::string_view bytes) override {
    if (taken_ > 0 && taken_ * 2 > buffer_.size()) {
      buffer_.erase(0, taken_);
      taken_ = 0;
    }
    buffer_ += bytes;
  }

  std::optional<Frame> next() override {
    const auto rest = std::string_view(buffer_).substr(taken_);
    const auto end = rest.find('\n');
    if (end == std::string_view::npos)
      return rest.size() > line_max ? std::optional(take_raw(rest)) : std::nullopt;
    const auto line = rest.substr(0, end + 1);
    if (link_ && std::ranges::any_of(link_messages, [&](auto op) { return line.starts_with(op); })) {
      return take_link_message(line, rest);
    }
    if (line.starts_with("MSG ") || line.starts_with("HMSG ")) return take_message(line, rest);
    Frame frame = decode_line(line);
    if (link_ && frame.kind == "RAW") frame = decode_link_line(line);
    taken_ += line.size();
    return frame;
  }

  std::vector<Frame> finish() override {
    std::vector<Frame> frames;
    while (auto frame = next()) frames.push_back(std::move(*frame));
    const auto rest = std::string_view(buffer_).substr(taken_);
    if (!rest.empty()) frames.push_back(take_raw(rest));
    return frames;
  }

  std::size_t buffered() const override { return buffer_.size() - taken_; }

 private:
  Frame take_raw(std::string_view bytes) {
    Frame frame{"RAW", {{"bytes", quote_bytes(bytes)}}};
    taken_ += bytes.size();
    return frame;
  }

  static Frame decode_line(std::string_view line) {
    if (line == "PING\r\n") return {"PING", {}};
    if (line == "PONG\r\n") return {"PONG", {}};
    if (line == "+OK\r\n") return {"+OK", {}};
    if (line.starts_with("-ERR ") && line.ends_with("\r\n")) {
      return {"-ERR", {{"text", quote_bytes(line.substr(5, line.size() - 7))}}};
    }
    if (line.starts_with("INFO ")) {
      if (auto frame = decode_info(line)) return std::move(*frame);
    }
    return {"RAW", {{"bytes", quote_bytes(line)}}};
  }

  static std::optional<Frame> decode_info(std::string_view line) {
    const auto begin = line.find('{');
    const auto end = line.rfind('}');
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
    Frame frame{"INFO", {}};
    const std::string framing = std::string(line.substr(0, begin)) + "{}" + std::string(line.substr(end + 1));
    if (!append_json(line.substr(begin, end + 1 - begin), "json", frame.leaves)) return std::nullopt;
    frame.leaves.push_back({"framing", quote_bytes(framing)});
    return frame;
  }

  static Frame decode_link_line(std::string_view line) {
    const auto words = words_of(line.substr(0, line.find_last_not_of("\r\n") + 1));
    const bool known = !words.empty() && std::ranges::find(link_ops, words.front()) != link_ops.end();
    if (!known) return {"RAW", {{"bytes", quote_bytes(line)}}};
    Frame frame{std::string(words.front()), {}};
    if (frame.kind == "CONNECT") {
      const auto json = line.substr(8, line.size() - 10);
      if (line.ends_with("\r\n") && append_json(json, "json", frame.leaves)) return frame;
    }
    append_words(words, line, frame.leaves);
    return frame;
  }

  static void append_words(const std::vector<std::string_view>& words, std::string_view line,
                           std::vector<Leaf>& leaves) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      leaves.push_back({"args[" + std::to_string(i - 1) + "]", quote_bytes(words[i])});
    }
    if (joined(words) + "\r\n" != line) leaves.push_back({"line", quote_bytes(line)});
  }

  std::optional<Frame> take_link_message(std::string_view line, std::string_view rest) {
    const bool has_headers = line.front() == 'H';
    const auto words = words_of(line.substr(0, line.find_last_not_of("\r\n") + 1));
    const bool shaped = words.size() >= (has_headers ? 4u : 3u);
    const auto total = shaped ? size_of(words.back()) : std::nullopt;
    const auto head =
        shaped && has_headers ? size_of(words[words.size() - 2]) : std::optional<std::size_t>(0);
    if (!total || !head || *head > *total) return take_raw(line);
    if (rest.size() < line.size() + *total + 2) return std::nullopt;
    Frame frame{std::string(words.front()), {}};
    append_words(words, line, frame.leaves);
    append_body(rest.substr(line.size(), *total + 2), *head, *total, has_headers, frame.leaves);
    taken_ += line.size() + *total + 2;
    return frame;
  }

  static void append_body(std::string_view bytes, std::size_t head, std::size_t total, bool has_headers,
                          std::vector<Leaf>& leaves) {
    if (has_headers) append_nats_headers(bytes.substr(0, head), leaves);
    append_payload(bytes.substr(head, total - head), "payload", leaves);
    const auto tail = bytes.substr(total);
    if (tail != "\r\n") leaves.push_back({"tail", quote_bytes(tail)});
  }

  std::optional<Frame> take_message(std::string_view line, std::string_view rest) {
    const bool has_headers = line.front() == 'H';
    const auto words = words_of(line.substr(0, line.find_last_not_of("\r\n") + 1));
    const std::size_t sizes = has_headers ? 2 : 1;
    const std::size_t with_reply = 4 + sizes;
    const bool shaped = words.size() == with_reply || words.size() + 1 == with_reply;
    const auto total = shaped ? size_of(words.back()) : std::nullopt;
    const auto head =
        has_headers && shaped ? size_of(words[words.size() - 2]) : std::optional<std::size_t>(0);
    if (!total || !head || *head > *total) return take_raw(line);
    if (rest.size() < line.size() + *total + 2) return std::nullopt;

    Frame frame{has_headers ? "HMSG" : "MSG", {}};
    frame.leaves.push_back({"subject", quote_bytes(words[1])});
    frame.leaves.push_back({"sid", quote_bytes(words[2])});
    if (words.size() == with_reply) frame.leaves.push_back({"reply", quote_bytes(words[3])});
    if (has_headers) frame.leaves.push_back({"header_size", std::string(words[words.size() - 2])});
    frame.leaves.push_back({"size", std::string(words.back())});
    if (joined(words) + "\r\n" != line) frame.leaves.push_back({"line", quote_bytes(line)});
    append_body(rest.substr(line.size(), *total + 2), *head, *total, has_headers, frame.leaves);
    taken_ += line.size() + *total + 2;
    return frame;
  }

  bool link_;
  std::string buffer_;
  std::size_t taken_ = 0;  // bytes at the front of the buffer that frames have taken
};

}  // namespace

void append_nats_headers(std::string_view block, std::vector<Leaf>& leaves) {
  std::string canonical;
  std::vector<std::pair<std::string, int>> seen;
  std::string_view rest = block;
  bool first = true;
  while (!rest.empty()) {
    const auto end = std::min(rest.find("\r\n"), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 2, rest.size()));
    canonical += std::string(line) + "\r\n";
    if (line.empty()) break;
    if (first) {
      leaves.push_back({"status", quote_bytes(line)});
      first = false;
      continue;
    }
    const auto colon = line.find(':');
    const std::string name(line.substr(0, colon));
    const bool plain = colon != std::string_view::npos && name.find_first_of(" []=\"") == std::string::npos;
    auto count = std::ranges::find(seen, name, &std::pair<std::string, int>::first);
    if (count == seen.end()) count = seen.insert(seen.end(), {name, 0});
    const std::string index = "[" + std::to_string(count->second++) + "]";
    if (plain) {
      // The blank after the colon belongs to the value: "A:b" and "A: b" differ.
      leaves.push_back({"headers." + name + index, quote_bytes(line.substr(colon + 1))});
    } else {
      leaves.push_back({"headers[" + quote_bytes(name) + "]" + index, quote_bytes(line)});
    }
  }
  if (canonical != block) leaves.push_back({"headers#text", quote_bytes(block)});
}

std::unique_ptr<Decoder> make_nats_decoder() { return std::make_unique<NatsDecoder>(false); }
std::unique_ptr<Decoder> make_link_decoder() { return std::make_unique<NatsDecoder>(true); }

}  // namespace natstwin::trace
