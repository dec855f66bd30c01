#include "server/monitor/http_head_parser.h"

#include <algorithm>
#include <utility>

namespace nats::monitor {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// A line ends with LF or CR LF.
std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool parse_version(std::string_view text, int& major, int& minor) {
  if (text.size() != 8 || !text.starts_with("HTTP/") || text[6] != '.') return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!digit(text[5]) || !digit(text[7])) return false;
  major = text[5] - '0';
  minor = text[7] - '0';
  return true;
}

}  // namespace

HttpHeadParser::Status HttpHeadParser::feed(std::string_view& in) {
  while (!in.empty()) {
    const std::size_t end = in.find('\n');
    const std::size_t size = end == in.npos ? in.size() : end + 1;
    const std::size_t room = head_bytes_max - bytes_;
    if (size > room) {
      in.remove_prefix(room);
      return refuse({"431 Request Header Fields Too Large", "431 Request Header Fields Too Large", true});
    }
    line_.append(in.substr(0, size));
    bytes_ += size;
    in.remove_prefix(size);
    if (end == in.npos) break;
    const Status status = take_line(without_line_end(line_));
    line_.clear();
    if (status != Status::more) return status;
  }
  return Status::more;
}

HttpHeadParser::Status HttpHeadParser::end(bool timed_out) {
  if (bytes_ == 0) return refuse({});
  if (!line_.empty()) {
    const std::string line = std::exchange(line_, {});
    if (take_line(line) == Status::refused) return Status::refused;
  }
  if (!finish_header()) return refuse(bad_request());
  return refuse(timed_out ? HttpRefusal{} : bad_request());
}

HttpHeadParser::Status HttpHeadParser::take_line(std::string_view line) {
  if (has_request_line_) return take_header_line(line);
  has_request_line_ = true;
  return take_request_line(line);
}

HttpHeadParser::Status HttpHeadParser::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos) return refuse(bad_request());
  request_.method = line.substr(0, first);
  request_.target_text = line.substr(first + 1, second - first - 1);
  if (!is_http_token(request_.method) ||
      !parse_version(line.substr(second + 1), request_.version_major, request_.version_minor))
    return refuse(bad_request());
  auto target = parse_target(request_.method, request_.target_text);
  if (!target) return refuse(bad_request());
  request_.target = std::move(*target);
  return Status::more;
}

HttpHeadParser::Status HttpHeadParser::take_header_line(std::string_view line) {
  if (!line.empty() && is_blank(line[0])) {
    // A continuation, unless there is nothing to continue.
    if (!has_header_) return refuse(bad_request());
    header_ += ' ';
    header_ += trim_blanks(line);
    return Status::more;
  }
  if (!finish_header()) return refuse(bad_request());
  if (line.empty()) return finish();
  if (line.find(':') == line.npos) return refuse(bad_request());
  has_header_ = true;
  header_ = trim_blanks(line);
  return Status::more;
}

bool HttpHeadParser::finish_header() {
  if (!has_header_) return true;
  has_header_ = false;
  HttpHeader header;
  if (!parse_header(header_, header)) return false;
  request_.headers.push_back(std::move(header));
  return true;
}

HttpHeadParser::Status HttpHeadParser::finish() {
  if (auto refusal = judge_headers(request_)) return refuse(std::move(*refusal));
  return Status::done;
}

HttpHeadParser::Status HttpHeadParser::refuse(HttpRefusal refusal) {
  refusal_ = std::move(refusal);
  return Status::refused;
}

std::string canonical_header_name(std::string_view name) {
  std::string out(name);
  if (!is_http_token(name)) {
    std::string rest = out;
    std::erase(rest, ' ');
    return is_http_token(rest) ? out : "";
  }
  bool upper = true;
  for (char& c : out) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    upper = c == '-';
  }
  return out;
}

bool parse_header(std::string_view line, HttpHeader& header) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return false;
  header.name = canonical_header_name(line.substr(0, colon));
  const std::string_view value = line.substr(colon + 1);
  const bool control = std::any_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F;
  });
  if (header.name.empty() || control) return false;
  header.value = value.substr(std::min(value.find_first_not_of(" \t"), value.size()));
  return true;
}

}  // namespace nats::monitor
