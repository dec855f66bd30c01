// The figures of one run, printed as one line of JSON in the order in which they were added.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::load {

class Histogram;

class Report {
 public:
  Report& text(std::string_view name, std::string_view value);
  Report& count(std::string_view name, std::uint64_t value);
  Report& number(std::string_view name, double value);
  Report& texts(std::string_view name, const std::vector<std::string>& values);
  // p50, p99, p99.9 and max in microseconds, under names that begin with `prefix`.
  Report& latency(std::string_view prefix, const Histogram& histogram);

  std::string to_json() const { return "{" + body_ + "}"; }

 private:
  void name(std::string_view name);

  std::string body_;
};

}  // namespace natstwin::load
