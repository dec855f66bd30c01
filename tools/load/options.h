// "--name value" pairs of one command. A command asks for what it knows, then calls check_all_known().
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace natstwin::load {

enum class Transport : std::uint8_t { plain, tls };

class Options {
 public:
  // Everything after "--" is left in rest(). Throws Failure on a word that is neither option nor value.
  static Options parse(const std::vector<std::string>& words);

  std::string text(std::string_view name, std::string_view otherwise);
  std::uint64_t count(std::string_view name, std::uint64_t otherwise);
  double seconds(std::string_view name, double otherwise);
  // A count that has no default.
  std::uint64_t required_count(std::string_view name);

  // "--tls yes"; without it plain.
  Transport transport();

  const std::vector<std::string>& rest() const { return rest_; }
  void check_all_known() const;

 private:
  const std::string* find(std::string_view name);

  std::map<std::string, std::string, std::less<>> values_;
  std::set<std::string, std::less<>> asked_;
  std::vector<std::string> rest_;
};

}  // namespace natstwin::load
