#include "conformance/trace/masked.h"

#include <algorithm>

#include "conformance/trace/tokens.h"

namespace natstwin::trace {

Vocabulary::Vocabulary(std::span<const Trace> recordings) {
  for (std::size_t r = 0; r < recordings.size(); ++r) {
    std::set<std::string, std::less<>> words;
    for (const Event& event : recordings[r].events) {
      for (const Leaf& leaf : event.leaves) {
        for (const Token& token : tokenize(leaf.value)) {
          const bool word = token.kind != TokenKind::separator;
          if (word && (r == 0 || words_.contains(token.text))) words.emplace(token.text);
        }
      }
    }
    words_ = std::move(words);
  }
}

std::string masked(std::string_view value, Mask mask, const Vocabulary& vocabulary) {
  if (mask == Mask::values) return {};
  std::string out;
  for (const Token& token : tokenize(value)) {
    const bool digit = std::ranges::any_of(token.text, [](char c) { return c >= '0' && c <= '9'; });
    if (token.kind == TokenKind::time || token.kind == TokenKind::duration) {
      out += '~';
    } else if (token.kind != TokenKind::separator &&
               (is_name_like(token.text) || !vocabulary.knows(token.text))) {
      out += '~';
    } else if (mask == Mask::numbers && digit) {
      out += '#';
    } else {
      out += token.text;
    }
  }
  return out;
}

std::string signature(const Event& event, Mask mask, const Vocabulary& vocabulary) {
  std::string out{static_cast<char>(event.direction)};
  out += event.frame;
  if (mask == Mask::values) return out;
  for (const Leaf& leaf : event.leaves) {
    out += '\n';
    out += leaf.path;
    out += ' ';
    out += masked(leaf.value, mask, vocabulary);
  }
  return out;
}

}  // namespace natstwin::trace
