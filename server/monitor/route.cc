// Paths are cleaned by redirecting, escapes count within a segment only.
#include "server/monitor/route.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace nats::monitor {

namespace {

// Go's path.Clean of an absolute path.
std::string clean(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  std::string out;
  for (const std::string_view segment : segments) out.append("/").append(segment);
  return out.empty() ? "/" : out;
}

// The same, and a slash at the end stays.
std::string clean_keeping_slash(std::string_view path) {
  std::string out = clean(path);
  if (path.ends_with('/') && out != "/") out += '/';
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escape_non_ascii(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  for (char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80) {
      out += c;
    } else {
      out.append("%").append(1, hex[octet >> 4]).append(1, hex[octet & 15]);
    }
  }
  return out;
}

}  // namespace

HttpAnswer redirect(const HttpRequest& request, std::string_view path) {
  std::string location(path);
  if (!request.target.query.empty()) location += "?" + request.target.query;
  HttpAnswer answer{307, {}, {}};
  const bool get = request.method == "GET";
  if (get || request.method == "HEAD") answer.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
  answer.headers.push_back({"Location", escape_non_ascii(location)});
  if (get) answer.body = "<a href=\"" + escape_html(location) + "\">Temporary Redirect</a>.\n\n";
  return answer;
}

namespace {

// A request that is about the server as a whole.
HttpAnswer answer_star(const HttpRequest& request) {
  if (request.method == "OPTIONS") return {200, {{"Content-Length", "0"}}, {}};
  HttpAnswer answer{400, {}, {}};
  if (request.at_least(1, 1)) answer.headers.push_back({"Connection", "close"});
  return answer;
}

const Endpoint* find(const HttpTarget& target, std::string_view base_path) {
  for (const Endpoint& endpoint : endpoints()) {
    const std::string path = join_path(base_path, endpoint.path);
    const bool same_depth = std::count(path.begin(), path.end(), '/') ==
                            std::count(target.escaped_path.begin(), target.escaped_path.end(), '/');
    if (same_depth && target.path == path) return &endpoint;
  }
  return nullptr;
}

}  // namespace

std::optional<HttpAnswer> answer_before_routing(const HttpRequest& request) {
  const std::string_view expected = request.header("Expect");
  if (!expected.empty() && !request.expects_continue()) return HttpAnswer{417, {{"Connection", "close"}}, {}};
  if (request.target_text == "*") return answer_star(request);
  if (request.method == "CONNECT") return {};
  const std::string path = clean_keeping_slash(request.target.escaped_path);
  if (path != request.target.escaped_path) return redirect(request, path);
  return {};
}

Route route(const HttpRequest& request, std::string_view base_path) {
  if (auto answer = answer_before_routing(request)) return {nullptr, std::move(*answer)};
  if (const Endpoint* endpoint = find(request.target, base_path)) return {endpoint, {}};
  return {nullptr, error_answer(404, "404 page not found")};
}

std::string normalize_base_path(std::string_view path) { return clean(path); }

std::string join_path(std::string_view base_path, std::string_view path) {
  return clean(std::string(base_path) + "/" + std::string(path));
}

}  // namespace nats::monitor
