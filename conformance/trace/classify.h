// The class of a leaf, decided from its values in all recordings.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/trace/golden.h"

namespace natstwin::trace {

// Knows the names and moments met so far. A token that varies is the same name wherever the same
// values stand in the same recordings. Two passes: survey() everything, then classify() everything.
class Classifier {
 public:
  void survey(std::string_view frame, std::string_view path, std::span<const std::string> values);
  Pattern classify(std::string_view frame, std::string_view path, std::span<const std::string> values);

  std::vector<NameShape> take_names() { return std::move(names_); }
  std::vector<TimeShape> take_times() { return std::move(times_); }
  const NameShape& shape(int id) const { return names_[static_cast<std::size_t>(id) - 1]; }
  // The moments of <time:ID>, by recording.
  const std::vector<std::int64_t>& moments(int id) const {
    return moments_[static_cast<std::size_t>(id) - 1];
  }

 private:
  using Values = std::vector<std::string>;

  Pattern from_rule(std::string_view frame, std::string_view path, std::span<const std::string> values);
  Pattern from_data(std::string_view path, std::span<const std::string> values);
  Part varied_token(std::string_view path, const Values& tokens, bool after_colon);
  Part name(const Values& tokens, NameShape shape);
  Part time(const Values& tokens);
  Part integer(std::string_view path, const Values& tokens, bool after_colon);

  bool surveying_ = false;
  std::set<Values> ports_;
  std::map<Values, int> number_uses_;
  std::map<Values, int> name_ids_;
  std::map<Values, int> time_ids_;
  std::vector<NameShape> names_;
  std::vector<TimeShape> times_;
  std::vector<std::vector<std::int64_t>> moments_;
};

NameShape shape_of(std::span<const std::string> tokens);

}  // namespace natstwin::trace
