#include "server/config/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "server/gojson/go_quote.h"
#include "server/gojson/utf8.h"

namespace nats::config::text {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Decimal digits beyond Latin-1 (category Nd, Unicode 15.0.0).
constexpr Range digit_ranges[] = {
    {0x660, 0x669},     {0x6f0, 0x6f9},     {0x7c0, 0x7c9},     {0x966, 0x96f},     {0x9e6, 0x9ef},
    {0xa66, 0xa6f},     {0xae6, 0xaef},     {0xb66, 0xb6f},     {0xbe6, 0xbef},     {0xc66, 0xc6f},
    {0xce6, 0xcef},     {0xd66, 0xd6f},     {0xde6, 0xdef},     {0xe50, 0xe59},     {0xed0, 0xed9},
    {0xf20, 0xf29},     {0x1040, 0x1049},   {0x1090, 0x1099},   {0x17e0, 0x17e9},   {0x1810, 0x1819},
    {0x1946, 0x194f},   {0x19d0, 0x19d9},   {0x1a80, 0x1a89},   {0x1a90, 0x1a99},   {0x1b50, 0x1b59},
    {0x1bb0, 0x1bb9},   {0x1c40, 0x1c49},   {0x1c50, 0x1c59},   {0xa620, 0xa629},   {0xa8d0, 0xa8d9},
    {0xa900, 0xa909},   {0xa9d0, 0xa9d9},   {0xa9f0, 0xa9f9},   {0xaa50, 0xaa59},   {0xabf0, 0xabf9},
    {0xff10, 0xff19},   {0x104a0, 0x104a9}, {0x10d30, 0x10d39}, {0x11066, 0x1106f}, {0x110f0, 0x110f9},
    {0x11136, 0x1113f}, {0x111d0, 0x111d9}, {0x112f0, 0x112f9}, {0x11450, 0x11459}, {0x114d0, 0x114d9},
    {0x11650, 0x11659}, {0x116c0, 0x116c9}, {0x11730, 0x11739}, {0x118e0, 0x118e9}, {0x11950, 0x11959},
    {0x11c50, 0x11c59}, {0x11d50, 0x11d59}, {0x11da0, 0x11da9}, {0x11f50, 0x11f59}, {0x16a60, 0x16a69},
    {0x16ac0, 0x16ac9}, {0x16b50, 0x16b59}, {0x1d7ce, 0x1d7ff}, {0x1e140, 0x1e149}, {0x1e2f0, 0x1e2f9},
    {0x1e4f0, 0x1e4f9}, {0x1e950, 0x1e959}, {0x1fbf0, 0x1fbf9}};

bool ascii_digit(char c) { return c >= '0' && c <= '9'; }

// As package time quotes: no Unicode is printed as it is.
std::string quote_time(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c >= 0x80 || c < ' ') {
      out += fmt::format("\\x{:02x}", c);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += static_cast<char>(c);
    }
  }
  return out + "\"";
}

std::optional<std::uint64_t> unit_ns(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us" || unit == "µs" || unit == "μs") return 1'000;
  if (unit == "ms") return 1'000'000;
  if (unit == "s") return 1'000'000'000;
  if (unit == "m") return 60'000'000'000;
  if (unit == "h") return 3'600'000'000'000;
  return std::nullopt;
}

constexpr std::uint64_t int64_edge = std::uint64_t{1} << 63;

// One "1.5h" of a duration: digits, a fraction, a unit.
struct DurationPart {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  double scale = 1;
  std::string_view unit;
};

// False: malformed, or out of range.
bool read_whole(std::string_view& rest, DurationPart& part) {
  while (!rest.empty() && ascii_digit(rest.front())) {
    if (part.whole > int64_edge / 10) return false;
    part.whole = part.whole * 10 + static_cast<std::uint64_t>(rest.front() - '0');
    if (part.whole > int64_edge) return false;
    rest.remove_prefix(1);
  }
  return true;
}

// Digits that no longer fit are skipped: they are below a nanosecond.
void read_fraction(std::string_view& rest, DurationPart& part) {
  bool full = false;
  for (; !rest.empty() && ascii_digit(rest.front()); rest.remove_prefix(1)) {
    if (full) continue;
    std::uint64_t digit = static_cast<std::uint64_t>(rest.front() - '0');
    if (part.fraction > (int64_edge - 1) / 10 || part.fraction * 10 + digit > int64_edge) {
      full = true;
      continue;
    }
    part.fraction = part.fraction * 10 + digit;
    part.scale *= 10;
  }
}

}  // namespace

bool is_space(char32_t r) {
  if (r < 0x100) return (r >= 9 && r <= 13) || r == ' ' || r == 0x85 || r == 0xa0;
  return r == 0x1680 || (r >= 0x2000 && r <= 0x200a) || r == 0x2028 || r == 0x2029 || r == 0x202f ||
         r == 0x205f || r == 0x3000;
}

bool is_digit(char32_t r) {
  if (r < 0x100) return r >= '0' && r <= '9';
  for (Range range : digit_ranges) {
    if (r < range.first) return false;
    if (r <= range.last) return true;
  }
  return false;
}

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    // The Kelvin sign and the dotted capital I are the only other runes with an ASCII lower case.
    if (text.substr(i, 3) == "\u212a") {
      out += 'k';
      i += 2;
    } else if (text.substr(i, 2) == "\u0130") {
      out += 'i';
      i += 1;
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    gojson::Rune rune = gojson::decode_rune(text);
    if (!is_space(rune.value)) break;
    text.remove_prefix(rune.size);
  }
  // Backwards only over spaces of one or two or three octets that decode as such.
  for (bool again = true; again && !text.empty();) {
    again = false;
    for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
      gojson::Rune rune = gojson::decode_rune(text.substr(text.size() - size));
      if (rune.size == size && is_space(rune.value)) {
        text.remove_suffix(size);
        again = true;
        break;
      }
    }
  }
  return text;
}

std::vector<std::string_view> fields(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = std::string_view::npos;
  std::size_t at = 0;
  while (at < text.size()) {
    gojson::Rune rune = gojson::decode_rune(text.substr(at));
    if (is_space(rune.value)) {
      if (start != std::string_view::npos) out.push_back(text.substr(start, at - start));
      start = std::string_view::npos;
    } else if (start == std::string_view::npos) {
      start = at;
    }
    at += rune.size;
  }
  if (start != std::string_view::npos) out.push_back(text.substr(start));
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    std::size_t at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

Result<Duration> parse_duration(std::string_view text) {
  auto invalid = [&] { return fail(ErrorCode::malformed, "time: invalid duration " + quote_time(text)); };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return Duration{};
  if (rest.empty()) return invalid();
  std::uint64_t total = 0;
  while (!rest.empty()) {
    DurationPart part;
    if (rest.front() != '.' && !ascii_digit(rest.front())) return invalid();
    std::size_t before = rest.size();
    if (!read_whole(rest, part)) return invalid();
    bool digits = rest.size() != before;
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      before = rest.size();
      read_fraction(rest, part);
      digits = digits || rest.size() != before;
    }
    if (!digits) return invalid();
    std::size_t unit_size = 0;
    while (unit_size < rest.size() && rest[unit_size] != '.' && !ascii_digit(rest[unit_size])) ++unit_size;
    if (unit_size == 0)
      return fail(ErrorCode::malformed, "time: missing unit in duration " + quote_time(text));
    part.unit = rest.substr(0, unit_size);
    rest.remove_prefix(unit_size);
    std::optional<std::uint64_t> unit = unit_ns(part.unit);
    if (!unit) {
      return fail(ErrorCode::malformed,
                  "time: unknown unit " + quote_time(part.unit) + " in duration " + quote_time(text));
    }
    if (part.whole > int64_edge / *unit) return invalid();
    std::uint64_t value = part.whole * *unit;
    if (part.fraction > 0) {
      value += static_cast<std::uint64_t>(static_cast<double>(part.fraction) *
                                          (static_cast<double>(*unit) / part.scale));
      if (value > int64_edge) return invalid();
    }
    total += value;
    if (total > int64_edge) return invalid();
  }
  if (negative) return Duration{static_cast<std::int64_t>(~total + 1)};
  if (total > int64_edge - 1) return invalid();
  return Duration{static_cast<std::int64_t>(total)};
}

Result<std::int64_t> parse_int(std::string_view text, std::string_view function) {
  auto wrong = [&](ErrorCode code, std::string_view reason) {
    return fail(code, fmt::format("strconv.{}: parsing {}: {}", function, gojson::go_quote(text), reason));
  };
  std::string_view digits = text;
  if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), ascii_digit)) {
    return wrong(ErrorCode::invalid_argument, "invalid syntax");
  }
  std::string_view number = text.front() == '+' ? digits : text;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{}) return wrong(ErrorCode::limit_exceeded, "value out of range");
  return value;
}

namespace {

// Underscores may stand between digits and after a base prefix, as in Go source.
bool underscores_ok(std::string_view digits, bool has_prefix) {
  char before = has_prefix ? '0' : '^';
  for (char c : digits) {
    if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      before = '0';
    }
  }
  return before != '_';
}

}  // namespace

Result<std::int64_t> parse_int_literal(std::string_view text) {
  auto invalid = [] { return fail(ErrorCode::invalid_argument, "parse error"); };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  if (rest.empty()) return invalid();
  int base = 10;
  bool has_prefix = false;
  if (rest.front() == '0' && rest.size() > 1) {
    char kind = static_cast<char>(rest[1] | 0x20);
    std::size_t skip = 2;
    if (rest.size() >= 3 && kind == 'x') {
      base = 16;
    } else if (rest.size() >= 3 && kind == 'b') {
      base = 2;
    } else if (rest.size() >= 3 && kind == 'o') {
      base = 8;
    } else {
      base = 8;
      skip = 1;
    }
    rest.remove_prefix(skip);
    has_prefix = true;
  }
  if (!underscores_ok(rest, has_prefix)) return invalid();
  std::string digits;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(digits), [](char c) { return c != '_'; });
  std::uint64_t magnitude = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (digits.empty() || error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
    return invalid();
  }
  std::uint64_t limit = negative ? int64_edge : int64_edge - 1;
  if (error != std::errc{} || magnitude > limit) return fail(ErrorCode::limit_exceeded, "value out of range");
  return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

std::optional<bool> parse_bool(std::string_view text) {
  for (std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::string float_text(double value) {
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  char digits[400];
  // %v: the shortest form, with an exponent from 1e-5 down and from 1e6 up.
  double size = std::fabs(value);
  auto how = size < 1e-4 || size >= 1e6 ? std::chars_format::scientific : std::chars_format::fixed;
  auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, how);
  return std::string(digits, end);
}

namespace {

constexpr std::string_view missing_port = "missing port in address";

std::string_view reason_not_to_split(std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return missing_port;
  std::size_t open_from = 0;
  std::size_t close_from = 0;
  if (text.front() == '[') {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos) return "missing ']' in address";
    if (end + 1 == text.size()) return missing_port;
    if (end + 1 != colon) return text[end + 1] == ':' ? "too many colons in address" : missing_port;
    open_from = 1;
    close_from = end + 1;
  } else if (text.find(':') != colon) {
    return "too many colons in address";
  }
  if (text.find('[', open_from) != std::string_view::npos) return "unexpected '[' in address";
  if (text.find(']', close_from) != std::string_view::npos) return "unexpected ']' in address";
  return {};
}

}  // namespace

Result<HostPort> split_host_port(std::string_view text) {
  if (std::string_view reason = reason_not_to_split(text); !reason.empty()) {
    std::string where = text.empty() ? "" : fmt::format("address {}: ", text);
    return fail(ErrorCode::malformed, where + std::string(reason));
  }
  std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return HostPort{std::string(host), std::string(text.substr(colon + 1))};
}

Result<Address> parse_address(std::string_view text, int default_port) {
  const bool bare = reason_not_to_split(text) == missing_port;
  const HostPort parts =
      NATS_TRY(split_host_port(bare ? fmt::format("{}:{}", text, default_port) : std::string(text)));
  const std::int64_t port = NATS_TRY(parse_int(std::string(trim(parts.port)), "Atoi"));
  const bool any = port == 0 || port == -1;
  return Address{std::string(trim(parts.host)), any ? default_port : static_cast<int>(port)};
}

std::string path_clean(std::string_view path) {
  if (path.empty()) return ".";
  bool rooted = path.front() == '/';
  std::vector<std::string_view> kept;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!rooted) {
      kept.push_back(part);
    }
  }
  std::string out = rooted ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out.empty() ? "." : out;
}

std::string path_directory(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return path_clean(slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1));
}

std::string path_join(std::string_view directory, std::string_view name) {
  if (directory.empty() && name.empty()) return "";
  if (directory.empty()) return path_clean(name);
  if (name.empty()) return path_clean(directory);
  return path_clean(std::string(directory) + "/" + std::string(name));
}

std::string file_error_text(std::string_view path, const Error& error) {
  auto line = [&](std::string_view verb, std::string_view reason) {
    return fmt::format("{} {}: {}", verb, path, reason);
  };
  switch (error.code) {
    case ErrorCode::not_found:
      return line("open", "no such file or directory");
    case ErrorCode::permission_denied:
      return line("open", "permission denied");
    case ErrorCode::not_a_directory:
      return line("open", "not a directory");
    case ErrorCode::name_too_long:
      return line("open", "file name too long");
    case ErrorCode::is_a_directory:
      return line("read", "is a directory");
    case ErrorCode::io_error:
      return line("read", "input/output error");
    default:
      return line("open", error.detail);
  }
}

}  // namespace nats::config::text
