#include "server/monitor/http_body_reader.h"

#include <algorithm>
#include <charconv>

#include "server/monitor/http_head_parser.h"

namespace nats::monitor {

namespace {

constexpr std::size_t line_bytes_max = 4096;  // net/http's read buffer
constexpr std::int64_t overhead_bytes_max = 16384;

bool valid_trailer(std::string_view text) {
  // The text ends with the empty line. Lines are judged as headers are, continuations left aside.
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return true;
    HttpHeader header;
    if (!parse_header(line, header)) return false;
  }
  return true;
}

}  // namespace

HttpBodyReader::Status HttpBodyReader::feed(std::string_view& in, std::uint64_t data_max) {
  if (status_ != Status::more) return status_;
  if (chunked_) {
    feed_chunked(in, data_max);
  } else {
    take_data(in, data_max);
    if (left_ == 0) status_ = Status::done;
  }
  return status_;
}

// Whether all data that was due has been seen.
bool HttpBodyReader::take_data(std::string_view& in, std::uint64_t data_max) {
  const std::uint64_t room = data_max > data_bytes_ ? data_max - data_bytes_ : 0;
  const std::uint64_t size = std::min({static_cast<std::uint64_t>(left_), room, std::uint64_t{in.size()}});
  in.remove_prefix(size);
  left_ -= static_cast<std::int64_t>(size);
  data_bytes_ += size;
  return left_ == 0;
}

void HttpBodyReader::feed_chunked(std::string_view& in, std::uint64_t data_max) {
  while (!in.empty() && status_ == Status::more) {
    if (where_ == Where::data) {
      if (!take_data(in, data_max)) return;
      where_ = Where::data_end;
      if (data_bytes_ >= data_max) return;
      continue;
    }
    const char c = in[0];
    in.remove_prefix(1);
    line_ += c;
    if (where_ == Where::data_end) {
      if (!std::string_view("\r\n").starts_with(line_)) status_ = Status::broken;
      if (line_.size() == 2) {
        line_.clear();
        where_ = Where::size_line;
      }
    } else if (where_ == Where::size_line) {
      if (c == '\n') {
        take_size_line();
      } else if (line_.size() >= line_bytes_max) {
        status_ = Status::broken;
      }
    } else {
      take_trailer_octet(c);
    }
  }
}

void HttpBodyReader::take_size_line() {
  std::string_view line = line_;
  overhead_ += static_cast<std::int64_t>(line.size());
  const std::size_t extension = line.find(';');
  if (!line.ends_with("\r\n") || line.substr(0, line.size() - 2).find('\r') != line.npos) {
    status_ = Status::broken;
    return;
  }
  line.remove_suffix(2);
  // Blanks may stand at the end of the line, not before an extension.
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  line = line.substr(0, extension);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
  const bool number = error == std::errc{} && end == line.data() + line.size() && line.size() <= 16;
  overhead_ = std::max<std::int64_t>(
      0, overhead_ - 16 - 2 * static_cast<std::int64_t>(std::min<std::uint64_t>(size, 1 << 20)));
  if (!number || size >> 63 != 0 || overhead_ > overhead_bytes_max) {
    status_ = Status::broken;
    return;
  }
  left_ = static_cast<std::int64_t>(size);
  line_.clear();
  where_ = size == 0 ? Where::trailer : Where::data;
}

void HttpBodyReader::take_trailer_octet(char c) {
  if (c != '\n') {
    if (line_.size() >= line_bytes_max) status_ = Status::broken;
  } else if (line_ == "\r\n") {
    status_ = Status::done;
  } else if (line_.ends_with("\r\n\r\n")) {
    status_ = valid_trailer(line_) ? Status::done : Status::broken;
  }
}

}  // namespace nats::monitor
