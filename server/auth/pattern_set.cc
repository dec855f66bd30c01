#include "server/auth/pattern_set.h"

#include <algorithm>

#include "server/subject/subject.h"

namespace nats::auth {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view subject) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return subject::matches(subject, pattern); });
}

}  // namespace

bool has_empty_token(std::string_view subject) {
  return subject.empty() || subject.front() == '.' || subject.back() == '.' ||
         subject.find("..") != std::string_view::npos;
}

void PatternSet::add(std::string_view pattern) {
  std::string_view first = pattern.substr(0, pattern.find('.'));
  if (subject::is_literal(pattern))
    literals_.emplace(pattern);
  else if (first == "*" || first == ">")
    open_.emplace_back(pattern);
  else
    by_first_token_[std::string(first)].emplace_back(pattern);
}

bool PatternSet::matches(std::string_view subject) const {
  if (has_empty_token(subject)) return false;
  if (!literals_.empty() && literals_.contains(subject)) return true;
  if (!by_first_token_.empty()) {
    auto found = by_first_token_.find(subject.substr(0, subject.find('.')));
    if (found != by_first_token_.end() && any_matches(found->second, subject)) return true;
  }
  return any_matches(open_, subject);
}

}  // namespace nats::auth
