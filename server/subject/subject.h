// What a subject is, and when one covers another. All functions are total: any bytes may come in.
//
// A token is what stands between dots. "*" alone in a token is one token, ">" alone in the last
// token is one or more. Inside a longer token both are ordinary characters.
#pragma once

#include <cstddef>
#include <string_view>

namespace nats::subject {

// The subject of a subscription: no empty token, no white space, nothing behind ">".
// contract/protocol.json, subjects.
bool is_valid(std::string_view subject);
// The same, and no NUL and only well-formed UTF-8 (the reference's pedantic check of stream names
// and configuration).
bool is_valid_strict(std::string_view subject);
// No token is a wildcard. Says nothing about validity.
bool is_literal(std::string_view subject);
// What a pedantic PUB demands: valid and literal.
bool is_valid_publish(std::string_view subject);
// What the pedantic check of PUB looks at: no empty token and no token that is "*" or ">".
bool is_valid_literal(std::string_view subject);

// Does `literal` match `pattern`? Wildcards in `literal` are ordinary characters.
bool matches(std::string_view literal, std::string_view pattern);
// Is every literal that matches `subject` also matched by `pattern`?
bool is_subset(std::string_view subject, std::string_view pattern);
// Is there a literal that both match?
bool overlaps(std::string_view a, std::string_view b);

std::size_t token_count(std::string_view subject);

// Walks the tokens: for (Tokens t(subject); t.next();) use(t.token()).
class Tokens {
 public:
  explicit Tokens(std::string_view subject) : rest_(subject) {}

  bool next() {
    if (done_) return false;
    std::size_t dot = rest_.find('.');
    token_ = rest_.substr(0, dot);
    done_ = dot == std::string_view::npos;
    rest_.remove_prefix(done_ ? rest_.size() : dot + 1);
    return true;
  }
  std::string_view token() const { return token_; }
  bool last() const { return done_; }

 private:
  std::string_view rest_;
  std::string_view token_;
  bool done_ = false;
};

}  // namespace nats::subject
