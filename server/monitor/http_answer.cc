#include "server/monitor/http_answer.h"

#include <fmt/core.h>

#include <algorithm>

#include "server/gojson/time_text.h"

namespace nats::monitor {

namespace {

// Up to this size net/http knows the length before it must write the head; a longer body is chunked.
constexpr std::size_t unchunked_bytes_max = 2048;
constexpr std::size_t sniffed_bytes_max = 512;

// What net/http's DetectContentType says of the texts that monitoring answers with.
std::string_view sniff(std::string_view body) {
  body = body.substr(0, sniffed_bytes_max);
  if (body.starts_with("<html ") || body.starts_with("<html>")) return "text/html; charset=utf-8";
  const bool binary = std::any_of(body.begin(), body.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x09 || octet == 0x0B || (octet > 0x0D && octet < 0x20 && octet != 0x1B);
  });
  return binary ? "application/octet-stream" : "text/plain; charset=utf-8";
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  for (const HttpHeader& header : headers)
    if (header.name == name) return header.value;
  return {};
}

HttpAnswer json_answer(std::string json, int status) {
  return {
      status, {{"Access-Control-Allow-Origin", "*"}, {"Content-Type", "application/json"}}, std::move(json)};
}

HttpAnswer text_answer(int status, std::string text) { return {status, {}, std::move(text)}; }

HttpAnswer error_answer(int status, std::string_view text) {
  return {status,
          {{"Content-Type", "text/plain; charset=utf-8"}, {"X-Content-Type-Options", "nosniff"}},
          std::string(text) + "\n"};
}

HttpFraming frame(const HttpRequest& request, const HttpAnswer& answer, bool must_close) {
  const bool head = request.method == "HEAD";
  // After CONNECT the connection is of no more use, and where it was accepted, the answer is not framed.
  const bool connect = request.method == "CONNECT";
  const bool tunnel = connect && answer.status / 100 == 2;
  HttpFraming framing;
  framing.has_length =
      !tunnel && answer.body.size() <= unchunked_bytes_max && (!head || !answer.body.empty());
  framing.has_body = !head;
  if (request.wants_keep_alive_in_1_0() && (head || framing.has_length)) {
    framing.connection = "keep-alive";
  } else if (!request.at_least(1, 1) || request.wants_close()) {
    framing.close = true;
  }
  const bool said_close = answer.header("Connection") == "close";
  if (said_close || must_close || connect) framing.close = true;
  if (!head && !framing.has_length) {
    if (request.at_least(1, 1) && !tunnel) {
      framing.chunked = true;
    } else {
      framing.close = true;
    }
  }
  if (framing.close) framing.connection = request.at_least(1, 1) && !said_close && !tunnel ? "close" : "";
  return framing;
}

std::string encode_head(const HttpRequest& request, const HttpAnswer& answer, const HttpFraming& framing,
                        WallTime now) {
  std::string out = fmt::format("HTTP/1.{} {} {}\r\n", request.at_least(1, 1) ? 1 : 0, answer.status,
                                status_text(answer.status));
  const auto add = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}\r\n", name, value);
  };
  for (const HttpHeader& header : answer.headers) add(header.name, header.value);
  add("Date", gojson::http_date(now));
  if (framing.has_length && answer.header("Content-Length").empty())
    add("Content-Length", std::to_string(answer.body.size()));
  if (answer.header("Content-Type").empty() && !answer.body.empty()) add("Content-Type", sniff(answer.body));
  if (!framing.connection.empty()) add("Connection", framing.connection);
  if (framing.chunked) add("Transfer-Encoding", "chunked");
  out += "\r\n";
  if (framing.has_body && framing.chunked) out += fmt::format("{:x}\r\n", answer.body.size());
  return out;
}

std::string encode(const HttpRefusal& refusal) {
  if (refusal.status.empty()) return {};
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n{}",
                     refusal.status, refusal.body);
}

std::string_view status_text(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 417:
      return "Expectation Failed";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

}  // namespace nats::monitor
