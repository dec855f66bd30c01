#include "tools/load/report.h"

#include <fmt/core.h>

#include <cmath>

#include "tools/load/histogram.h"

namespace natstwin::load {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < 0x20 || octet >= 0x7f) {
      out += fmt::format("\\u{:04x}", octet);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

void Report::name(std::string_view name) {
  if (!body_.empty()) body_ += ", ";
  body_ += quoted(name) + ": ";
}

Report& Report::text(std::string_view name, std::string_view value) {
  this->name(name);
  body_ += quoted(value);
  return *this;
}

Report& Report::count(std::string_view name, std::uint64_t value) {
  this->name(name);
  body_ += fmt::format("{}", value);
  return *this;
}

Report& Report::number(std::string_view name, double value) {
  this->name(name);
  body_ += std::isfinite(value) ? fmt::format("{:.3f}", value) : "null";
  return *this;
}

Report& Report::texts(std::string_view name, const std::vector<std::string>& values) {
  this->name(name);
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + quoted(value);
  body_ += "[" + list + "]";
  return *this;
}

Report& Report::latency(std::string_view prefix, const Histogram& histogram) {
  const auto add = [&](std::string_view what, std::uint64_t ns) {
    number(fmt::format("{}{}_us", prefix, what), static_cast<double>(ns) / 1000.0);
  };
  add("p50", histogram.percentile(0.50));
  add("p99", histogram.percentile(0.99));
  add("p999", histogram.percentile(0.999));
  add("max", histogram.max());
  return *this;
}

}  // namespace natstwin::load
