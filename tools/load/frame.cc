#include "tools/load/frame.h"

#include <array>
#include <charconv>
#include <cstring>

namespace natstwin::load {

namespace {

constexpr std::size_t line_size_max = 64 * 1024;  // INFO lines of a big cluster are the longest

template <class Number>
bool parse_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool starts_with_word(std::string_view line, std::string_view word) {
  return line.size() > word.size() && line.starts_with(word) && (line[word.size()] == ' ');
}

}  // namespace

// "subject sid [reply] [header_size] total_size", the arguments after MSG or HMSG.
bool FrameScanner::parse_message_line(std::string_view args, bool with_headers, Header& header) {
  std::array<std::string_view, 5> words;
  std::size_t count = 0;
  while (!args.empty()) {
    const std::size_t end = std::min(args.find(' '), args.size());
    if (end > 0) {
      if (count == words.size()) return false;
      words[count++] = args.substr(0, end);
    }
    args.remove_prefix(std::min(end + 1, args.size()));
  }
  const std::size_t sizes = with_headers ? 2 : 1;
  if (count != 2 + sizes && count != 3 + sizes) return false;
  header.subject = words[0];
  header.reply = count == 3 + sizes ? words[2] : std::string_view{};
  if (!parse_number(words[1], header.sid) || !parse_number(words[count - 1], header.total_size)) return false;
  if (with_headers && !parse_number(words[count - 2], header.header_size)) return false;
  return header.header_size <= header.total_size;
}

Scan FrameScanner::next_message(std::string_view& in, std::string_view line, bool with_headers,
                                Frame& frame) {
  Header header;
  if (!parse_message_line(line.substr(with_headers ? 5 : 4), with_headers, header)) return Scan::malformed;
  const std::size_t body_start = line.size() + 2;
  if (in.size() - body_start < header.total_size + 2) return Scan::need_more;
  const std::string_view body = in.substr(body_start, header.total_size);
  if (in.substr(body_start + header.total_size, 2) != "\r\n") return Scan::malformed;
  frame = {.kind = FrameKind::msg,
           .subject = header.subject,
           .reply = header.reply,
           .sid = header.sid,
           .headers = body.substr(0, header.header_size),
           .payload = body.substr(header.header_size)};
  if (with_headers || !header.reply.empty()) {
    repeat_line_.clear();
  } else if (in.substr(0, body_start) != repeat_line_) {
    repeat_line_ = in.substr(0, body_start);
    repeat_payload_size_ = header.total_size;
  }
  in.remove_prefix(body_start + header.total_size + 2);
  return Scan::frame;
}

Scan FrameScanner::next(std::string_view& in, Frame& frame) {
  const std::size_t line_end = in.find("\r\n");
  if (line_end == std::string_view::npos)
    return in.size() > line_size_max ? Scan::malformed : Scan::need_more;
  const std::string_view line = in.substr(0, line_end);
  if (starts_with_word(line, "MSG")) return next_message(in, line, false, frame);
  if (starts_with_word(line, "HMSG")) return next_message(in, line, true, frame);
  if (line == "PING") {
    frame = {.kind = FrameKind::ping};
  } else if (line == "PONG") {
    frame = {.kind = FrameKind::pong};
  } else if (line == "+OK") {
    frame = {.kind = FrameKind::ok};
  } else if (starts_with_word(line, "INFO")) {
    frame = {.kind = FrameKind::info, .text = line.substr(5)};
  } else if (starts_with_word(line, "-ERR")) {
    frame = {.kind = FrameKind::err, .text = line.substr(5)};
  } else {
    return Scan::malformed;
  }
  in.remove_prefix(line_end + 2);
  return Scan::frame;
}

std::size_t FrameScanner::take_repeats(std::string_view& in) {
  const std::size_t line_size = repeat_line_.size();
  if (line_size == 0) return 0;
  const std::size_t frame_size = line_size + repeat_payload_size_ + 2;
  const char* at = in.data();
  std::size_t left = in.size();
  std::size_t count = 0;
  while (left >= frame_size && std::memcmp(at, repeat_line_.data(), line_size) == 0 &&
         at[frame_size - 2] == '\r' && at[frame_size - 1] == '\n') {
    at += frame_size;
    left -= frame_size;
    ++count;
  }
  in.remove_prefix(in.size() - left);
  return count;
}

}  // namespace natstwin::load
