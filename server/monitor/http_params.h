// The query part of a target, and Go's way of reading and refusing parameters.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nats::monitor {

class HttpParams {
 public:
  explicit HttpParams(std::string_view query);

  // The first value of that name; "" when there is none.
  std::string_view get(std::string_view name) const;

  // An error is the text that the reference answers with, status 400.
  std::expected<bool, std::string> boolean(std::string_view name) const;
  std::expected<std::int64_t, std::string> integer(std::string_view name) const;
  std::expected<std::uint64_t, std::string> unsigned_integer(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace nats::monitor
