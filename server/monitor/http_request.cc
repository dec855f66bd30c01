#include "server/monitor/http_request.h"

#include <algorithm>
#include <charconv>

namespace nats::monitor {

namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_one_of(char c, std::string_view set) { return c != '\0' && set.find(c) != set.npos; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool equal_fold(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// Whether one of the elements of these comma-separated lists is `token`.
bool lists_contain(const std::vector<HttpHeader>& headers, std::string_view name, std::string_view token) {
  for (const HttpHeader& header : headers) {
    if (header.name != name) continue;
    std::string_view rest = header.value;
    for (;;) {
      const std::size_t comma = rest.find(',');
      if (equal_fold(trim_blanks(rest.substr(0, comma)), token)) return true;
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

std::size_t count(const HttpRequest& request, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(request.headers.begin(), request.headers.end(),
                                                [&](const HttpHeader& h) { return h.name == name; }));
}

bool valid_host_header(std::string_view host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alnum(c) || is_one_of(c, "!$%&'()*+,-.:;=[]_~"); });
}

// Transfer-Encoding: one header, "chunked", or none. It means nothing in HTTP/1.0.
std::optional<HttpRefusal> judge_transfer_encoding(const HttpRequest& request, bool& chunked) {
  if (count(request, "Transfer-Encoding") == 0 || !request.at_least(1, 1)) return {};
  chunked =
      count(request, "Transfer-Encoding") == 1 && equal_fold(request.header("Transfer-Encoding"), "chunked");
  if (chunked) return {};
  return HttpRefusal{"501 Not Implemented", "Unsupported transfer encoding"};
}

// Content-Length: all of them equal, digits only, below 2^63.
bool judge_content_length(HttpRequest& request) {
  std::optional<std::string_view> text;
  for (const HttpHeader& header : request.headers) {
    if (header.name != "Content-Length") continue;
    const std::string_view value = trim_blanks(header.value);
    if (text && *text != value) return false;
    text = value;
  }
  if (!text) return true;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number >> 63 != 0) return false;
  request.content_length = static_cast<std::int64_t>(number);
  return true;
}

// A trailer may not promise headers that frame the message.
bool judge_trailer(const HttpRequest& request) {
  return !lists_contain(request.headers, "Trailer", "transfer-encoding") &&
         !lists_contain(request.headers, "Trailer", "trailer") &&
         !lists_contain(request.headers, "Trailer", "content-length");
}

bool asks_to_close(const HttpRequest& request) {
  if (request.version_major < 1) return true;
  const bool close = lists_contain(request.headers, "Connection", "close");
  if (request.version_major == 1 && request.version_minor == 0)
    return close || !lists_contain(request.headers, "Connection", "keep-alive");
  return close;
}

bool stands_for_itself_in_path(char c) { return is_alnum(c) || is_one_of(c, "-_.~$&+,/:;=@"); }

std::string escape_path(std::string_view path) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (char c : path) {
    if (stands_for_itself_in_path(c)) {
      out += c;
    } else {
      out += '%';
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

// "" or ":" and digits.
bool valid_port(std::string_view text) {
  if (text.empty()) return true;
  return text[0] == ':' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool valid_host(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t bracket = host.rfind(']');
    if (bracket == host.npos || !valid_port(host.substr(bracket + 1))) return false;
  } else if (const std::size_t colon = host.rfind(':');
             colon != host.npos && !valid_port(host.substr(colon))) {
    return false;
  }
  for (std::size_t i = 0; i < host.size(); ++i) {
    const char c = host[i];
    if (c == '%') {
      // Only octets outside ASCII, and the percent sign, may be escaped in a host.
      const auto octet = unescape(host.substr(i, 3));
      if (!octet || (static_cast<unsigned char>((*octet)[0]) < 0x80 && host.substr(i, 3) != "%25"))
        return false;
      i += 2;
    } else if (static_cast<unsigned char>(c) < 0x80 && !is_alnum(c) &&
               !is_one_of(c, "-_.~!$&'()*+,;=:[]<>\"")) {
      return false;
    }
  }
  return true;
}

bool valid_authority(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  if (at == authority.npos) return valid_host(authority);
  const std::string_view user = authority.substr(0, at);
  return std::all_of(user.begin(), user.end(),
                     [](char c) { return is_alnum(c) || is_one_of(c, "-._:~!$&'()*+,;=%@"); }) &&
         unescape(user).has_value() && valid_host(authority.substr(at + 1));
}

// The length of "scheme:", 0 when there is no scheme, npos when the colon comes first.
std::size_t scheme_size(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i == 0 ? text.npos : i + 1;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && (i == 0 || (!is_alnum(c) && !is_one_of(c, "+-.")))) return 0;
  }
  return 0;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  for (const HttpHeader& header : headers)
    if (header.name == name) return header.value;
  return {};
}

bool HttpRequest::wants_close() const { return close || has_token(header("Connection"), "close"); }

bool HttpRequest::wants_keep_alive_in_1_0() const {
  return version_major == 1 && version_minor == 0 && has_token(header("Connection"), "keep-alive");
}

bool HttpRequest::expects_continue() const { return has_token(header("Expect"), "100-continue"); }

HttpRefusal bad_request() { return {"400 Bad Request", "400 Bad Request"}; }

HttpRefusal bad_request(std::string_view reason) {
  const std::string text = "400 Bad Request: " + std::string(reason);
  return {text, text};
}

bool has_token(std::string_view value, std::string_view token) {
  const auto boundary = [](char c) { return c == ' ' || c == ',' || c == '\t'; };
  for (std::size_t at = 0; at + token.size() <= value.size(); ++at) {
    const std::size_t end = at + token.size();
    if (at > 0 && !boundary(value[at - 1])) continue;
    if (end < value.size() && !boundary(value[end])) continue;
    if (equal_fold(value.substr(at, token.size()), token)) return true;
  }
  return false;
}

bool is_http_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_alnum(c) || is_one_of(c, "!#$%&'*+-.^_`|~"); });
}

std::string_view trim_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::string> unescape(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      unsigned octet = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
      if (digits.size() < 2 || error != std::errc{} || end != digits.data() + 2) return {};
      out += static_cast<char>(octet);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<HttpTarget> parse_target(std::string_view method, std::string_view text) {
  // CONNECT names an authority, unless it names a path.
  const std::string with_scheme =
      method == "CONNECT" && !text.starts_with('/') ? "http://" + std::string(text) : std::string(text);
  std::string_view rest = with_scheme;
  const bool control = std::any_of(rest.begin(), rest.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
  if (rest.empty() || control) return {};
  if (rest == "*") return HttpTarget{"*", "*", ""};

  const std::size_t scheme = scheme_size(rest);
  if (scheme == rest.npos) return {};
  rest.remove_prefix(scheme);
  HttpTarget target;
  if (const std::size_t mark = rest.find('?'); mark != rest.npos) {
    target.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (!rest.starts_with('/')) {
    if (scheme == 0) return {};
    return target;  // opaque, "http:x": it has no path
  }
  if (scheme > 0 && rest.starts_with("//")) {
    const std::size_t slash = rest.find('/', 2);
    if (!valid_authority(rest.substr(2, slash == rest.npos ? slash : slash - 2))) return {};
    rest = slash == rest.npos ? std::string_view{} : rest.substr(slash);
  }
  const auto path = unescape(rest);
  if (!path) return {};
  target.path = *path;
  // Written as it came where that is a valid way to write it.
  const bool valid = std::all_of(rest.begin(), rest.end(), [](char c) {
    return stands_for_itself_in_path(c) || is_one_of(c, "!'()*[]%");
  });
  target.escaped_path = valid ? std::string(rest) : escape_path(*path);
  return target;
}

std::optional<HttpRefusal> judge_headers(HttpRequest& request) {
  if (count(request, "Host") > 1) return bad_request();
  request.close = asks_to_close(request);
  bool chunked = false;
  if (auto refusal = judge_transfer_encoding(request, chunked)) return refusal;
  if (!judge_content_length(request)) return bad_request();
  if (chunked) {
    if (!judge_trailer(request)) return bad_request();
    request.content_length = -1;
  }

  const bool http2_preface = request.version_major == 2 && request.version_minor == 0 &&
                             request.method == "PRI" && request.target_text == "*";
  if (request.version_major != 1 && !http2_preface) {
    const std::string text = "505 HTTP Version Not Supported: unsupported protocol version";
    return HttpRefusal{text, text};
  }
  const bool has_host = count(request, "Host") > 0;
  if (request.at_least(1, 1) && !has_host && request.method != "CONNECT" &&
      !(http2_preface && request.headers.empty()))
    return bad_request("missing required Host header");
  if (has_host && !valid_host_header(request.header("Host"))) return bad_request("malformed Host header");
  for (const HttpHeader& header : request.headers)
    if (!is_http_token(header.name)) return bad_request("invalid header name");
  return {};
}

}  // namespace nats::monitor
