// A fixed set of subject patterns, asked many times whether any of them matches a subject.
//
// Literal patterns cost one look-up, patterns with wildcards are walked, but only those whose first
// token may match.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/base/text_hash.h"

namespace nats::auth {

class PatternSet {
 public:
  // `pattern` is a valid subject.
  void add(std::string_view pattern);

  // Wildcards in `subject` are ordinary tokens, as in the reference: "foo.>" matches the pattern
  // "foo.*". A subject with an empty token matches nothing, not even ">".
  bool matches(std::string_view subject) const;

 private:
  std::unordered_set<std::string, TextHash, std::equal_to<>> literals_;
  std::vector<std::string> open_;  // the first token is a wildcard
  std::unordered_map<std::string, std::vector<std::string>, TextHash, std::equal_to<>> by_first_token_;
};

// What the reference's sublist asks of a subject before it looks anything up.
bool has_empty_token(std::string_view subject);

}  // namespace nats::auth
