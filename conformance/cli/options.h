// Command lines: `--name value`, `--name=value`, `--flag`, and operands in any order.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::cli {

class Options {
 public:
  // `valued` and `flags` list the known names, without dashes.
  static std::expected<Options, std::string> parse(const std::vector<std::string>& arguments,
                                                   const std::vector<std::string_view>& valued,
                                                   const std::vector<std::string_view>& flags);

  const std::vector<std::string>& operands() const { return operands_; }
  bool has(std::string_view name) const { return values_.contains(name); }
  std::string get(std::string_view name, std::string_view otherwise = "") const;
  std::vector<std::string> all(std::string_view name) const;
  std::expected<long, std::string> number(std::string_view name, long otherwise) const;

 private:
  std::vector<std::string> operands_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace natstwin::cli
