// Who is interested in a subject: entries by the tokens of their subjects, "*" and ">" apart.
//
// The trie does not own its entries and knows no locks; broker/interest/ gives it both. Sized for
// hundreds of thousands of subjects: a leaf that one entry uses costs about 60 octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nats::subject {

// The part of a subscription that the trie reads. `text` holds subject and queue back to back and
// must not change while the entry is inserted.
class TrieEntry {
 public:
  std::string_view subject() const { return {text_, subject_size_}; }
  // Empty: not a member of a queue group.
  std::string_view queue() const { return {text_ + subject_size_, queue_size_}; }
  bool has_queue() const { return queue_size_ > 0; }

 protected:
  TrieEntry(const char* text, std::size_t subject_size, std::size_t queue_size)
      : text_(text),
        subject_size_(static_cast<std::uint32_t>(subject_size)),
        queue_size_(static_cast<std::uint32_t>(queue_size)) {}

 private:
  friend class EntryList;
  const char* text_;
  std::uint32_t subject_size_;
  std::uint32_t queue_size_;
  std::uint32_t position_ = 0;  // in its EntryList
};

// Entries in no particular order; one entry needs no memory beyond the list itself.
class EntryList {
 public:
  EntryList() = default;
  EntryList(EntryList&& other) noexcept;
  EntryList& operator=(EntryList&& other) noexcept;
  ~EntryList();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  TrieEntry* operator[](std::size_t i) const { return capacity_ == 0 ? one_ : many_[i]; }
  void add(TrieEntry& entry);
  bool remove(TrieEntry& entry);

 private:
  union {
    TrieEntry* one_ = nullptr;
    TrieEntry** many_;
  };
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

// What a literal subject matches. Queue groups of one name are one group, whatever their subjects.
struct TrieMatch {
  struct Group {
    std::string_view queue;  // dies with the entries
    std::vector<TrieEntry*> members;
  };
  std::vector<TrieEntry*> plain;
  std::vector<Group> groups;

  bool empty() const { return plain.empty() && groups.empty(); }
  void clear();
};

class InterestTrie {
 public:
  InterestTrie();
  ~InterestTrie();

  // False where the subject has an empty token or goes on behind ">" (the reference's -ERR
  // 'Invalid Subject').
  bool insert(TrieEntry& entry);
  // False where it is not there.
  bool remove(TrieEntry& entry);
  // Adds to `result`. Wildcards in `subject` are ordinary characters; a malformed subject matches
  // nothing.
  void match(std::string_view subject, TrieMatch& result) const;
  bool has_match(std::string_view subject) const;

  std::size_t size() const { return size_; }
  // In no particular order.
  void for_each(const std::function<void(TrieEntry&)>& visit) const;
  // Levels of the deepest subject (monitoring, tests).
  std::size_t depth() const;

 private:
  struct Node;
  struct Level;

  Node* find_or_make(Level& level, std::string_view token);
  bool remove_from(Node& node, TrieEntry& entry);

  std::unique_ptr<Level> root_;
  std::size_t size_ = 0;
};

}  // namespace nats::subject
