// Subjects: no crash, and the rules agree with each other and with the trie.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/subject/interest_trie.h"
#include "server/subject/subject.h"

namespace {

class Entry : public nats::subject::TrieEntry {
 public:
  Entry(const char* text, std::size_t subject, std::size_t queue) : TrieEntry(text, subject, queue) {}
};

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace subject = nats::subject;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::size_t middle = input.find('\n');
  std::string_view a = input.substr(0, middle);
  std::string_view b = middle == std::string_view::npos ? std::string_view() : input.substr(middle + 1);

  expect(subject::overlaps(a, b) == subject::overlaps(b, a));
  if (subject::is_valid_strict(a)) expect(subject::is_valid(a));
  if (subject::is_valid_publish(a)) expect(subject::is_literal(a) && subject::is_valid(a));
  if (subject::is_valid(a) && subject::is_valid(b)) {
    if (subject::is_subset(a, b)) expect(subject::overlaps(a, b));
    if (subject::is_literal(a)) expect(subject::matches(a, b) == subject::is_subset(a, b));
  }

  Entry pattern(b.data(), b.size(), 0);
  subject::InterestTrie trie;
  bool inserted = trie.insert(pattern);
  if (subject::is_valid(b)) expect(inserted);
  if (inserted) {
    subject::TrieMatch match;
    trie.match(a, match);
    bool has_empty_token =
        a.empty() || a.front() == '.' || a.back() == '.' || a.find("..") != std::string_view::npos;
    expect(!match.empty() == (!has_empty_token && subject::matches(a, b)));
    expect(trie.has_match(a) == !match.empty());
    expect(trie.remove(pattern));
  }
  expect(trie.size() == 0);
  return 0;
}
