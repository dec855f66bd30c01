#include "server/config/url.h"

#include <fmt/core.h>

#include <algorithm>

#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

using gojson::go_quote;

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Part { path, user, host, zone };

bool host_octet(char c) {
  return letter(c) || digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("-_.~!$&'()*+,;=:[]<>\"").find(c) != std::string_view::npos;
}

// Decodes %XX. The error's detail is the reason alone.
Result<std::string> unescape(std::string_view text, Part part) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
      if (low < 0) {
        return fail(ErrorCode::malformed, "invalid URL escape " + go_quote(text.substr(i, 3)));
      }
      int value = high * 16 + low;
      // In a host only octets beyond ASCII may be escaped.
      if (part == Part::host && high < 8 && text.substr(i, 3) != "%25") {
        return fail(ErrorCode::malformed, "invalid URL escape " + go_quote(text.substr(i, 3)));
      }
      out += static_cast<char>(value);
      i += 2;
    } else if (part == Part::host && !host_octet(c)) {
      return fail(ErrorCode::malformed,
                  fmt::format("invalid character {} in host name", go_quote(text.substr(i, 1))));
    } else {
      out += c;
    }
  }
  return out;
}

bool port_ok(std::string_view port) {
  if (port.empty()) return true;
  return port.front() == ':' && std::all_of(port.begin() + 1, port.end(), digit);
}

Result<std::string> parse_host(std::string_view host) {
  std::string_view port;
  if (!host.empty() && host.front() == '[') {
    std::size_t end = host.rfind(']');
    if (end == std::string_view::npos) return fail(ErrorCode::malformed, "missing ']' in host");
    port = host.substr(end + 1);
  } else if (std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
  }
  if (!port_ok(port))
    return fail(ErrorCode::malformed, fmt::format("invalid port {} after host", go_quote(port)));
  return unescape(host, Part::host);
}

bool user_info_ok(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return letter(c) || digit(c) || std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
  });
}

Result<void> parse_authority(std::string_view authority, Url& url) {
  std::size_t at = authority.rfind('@');
  std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  url.host = NATS_TRY(parse_host(host));
  if (at == std::string_view::npos) return {};
  std::string_view user = authority.substr(0, at);
  if (!user_info_ok(user)) return fail(ErrorCode::malformed, "net/url: invalid userinfo");
  std::size_t colon = user.find(':');
  url.user = NATS_TRY(unescape(user.substr(0, colon), Part::user));
  if (colon != std::string_view::npos) url.password = NATS_TRY(unescape(user.substr(colon + 1), Part::user));
  return {};
}

// "scheme:" of `rest`, which loses it.
Result<std::string> take_scheme(std::string_view& rest) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    char c = rest[i];
    if (letter(c)) continue;
    if (i > 0 && (digit(c) || c == '+' || c == '-' || c == '.')) continue;
    if (c != ':') return std::string();
    if (i == 0) return fail(ErrorCode::malformed, "missing protocol scheme");
    std::string scheme = text::lower(rest.substr(0, i));
    rest.remove_prefix(i + 1);
    return scheme;
  }
  return std::string();
}

Result<Url> parse_parts(std::string_view text) {
  for (unsigned char c : text) {
    if (c < ' ' || c == 0x7f) return fail(ErrorCode::malformed, "net/url: invalid control character in URL");
  }
  Url url;
  std::string_view rest = text.substr(0, text.find('#'));
  std::string_view fragment = rest.size() < text.size() ? text.substr(rest.size() + 1) : std::string_view();
  if (rest == "*") return url;
  url.scheme = NATS_TRY(take_scheme(rest));
  rest = rest.substr(0, rest.find('?'));
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) return url;
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
      return fail(ErrorCode::malformed, "first path segment in URL cannot contain colon");
    }
  }
  if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
    std::string_view authority = rest.substr(2);
    authority = authority.substr(0, authority.find('/'));
    NATS_TRY_VOID(parse_authority(authority, url));
    rest.remove_prefix(2 + authority.size());
  }
  url.path = NATS_TRY(unescape(rest, Part::path));
  NATS_TRY(unescape(fragment, Part::path));
  return url;
}

}  // namespace

std::string_view Url::port() const {
  std::size_t colon = host.rfind(':');
  if (colon == std::string::npos) return {};
  std::string_view port = std::string_view(host).substr(colon + 1);
  return std::all_of(port.begin(), port.end(), digit) ? port : std::string_view();
}

Result<Url> parse_url(std::string_view text) {
  Result<Url> url = parse_parts(text);
  if (url) return url;
  return fail(url.error().code, fmt::format("parse {}: {}", go_quote(text), url.error().detail));
}

std::string redact_url(std::string_view text) {
  if (text.find('@') == std::string_view::npos) return std::string(text);
  std::string_view trimmed = text::trim(text);
  // Go's parser knows no port -1.
  bool random_port = trimmed.ends_with(":-1");
  std::string parseable(random_port ? trimmed.substr(0, trimmed.size() - 3) : trimmed);
  if (random_port) parseable += ":0";
  Result<Url> url = parse_url(parseable);
  if (!url || !url->user) return std::string(text);
  std::size_t start = trimmed.find("//") + 2;
  std::size_t end = trimmed.find_first_of("/?#", start);
  std::size_t at = trimmed.substr(0, end).rfind('@');
  return fmt::format("{}[REDACTED]{}", trimmed.substr(0, start), trimmed.substr(at));
}

std::string redact_url_list(std::string_view text) {
  std::string out;
  bool first = true;
  for (std::string_view part : text::split(text, ',')) {
    if (!first) out += ',';
    first = false;
    out += redact_url(part);
  }
  return out;
}

}  // namespace nats::config
