#include "server/subject/interest_trie.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "server/subject/subject.h"

namespace nats::subject {
namespace {

class Entry : public TrieEntry {
 public:
  Entry(const std::string& subject, const std::string& queue)
      : Entry(std::make_unique<std::string>(subject + queue), subject.size(), queue.size()) {}

 private:
  Entry(std::unique_ptr<std::string> text, std::size_t subject_size, std::size_t queue_size)
      : TrieEntry(text->data(), subject_size, queue_size), text_(std::move(text)) {}
  std::unique_ptr<std::string> text_;
};

class Trie : public ::testing::Test {
 protected:
  Entry& add(const std::string& subject, const std::string& queue = "") {
    entries_.emplace_back(subject, queue);
    EXPECT_TRUE(trie_.insert(entries_.back())) << subject;
    return entries_.back();
  }
  std::multiset<std::string> matched(std::string_view subject) {
    TrieMatch result;
    trie_.match(subject, result);
    std::multiset<std::string> names;
    for (TrieEntry* e : result.plain) names.insert(std::string(e->subject()));
    for (auto& group : result.groups) {
      for (TrieEntry* e : group.members)
        names.insert(std::string(e->subject()) + "/" + std::string(group.queue));
    }
    return names;
  }
  std::deque<Entry> entries_;  // outlives the trie
  InterestTrie trie_;
};

using Names = std::multiset<std::string>;

TEST_F(Trie, WildcardsAndLiteralsMatchTogether) {
  add("a.b");
  add("a.*");
  add("a.>");
  add(">");
  add("*.b");
  add("c");
  EXPECT_EQ(matched("a.b"), (Names{"a.b", "a.*", "a.>", ">", "*.b"}));
  EXPECT_EQ(matched("a"), Names{">"});
  EXPECT_EQ(matched("a..b"), Names{});
  EXPECT_EQ(matched("a."), Names{});
  EXPECT_EQ(matched(""), Names{});
}

TEST_F(Trie, WildcardCharactersInAPublishedSubjectAreOrdinary) {
  add("a.*");
  add("a.b");
  EXPECT_EQ(matched("a.*"), Names{"a.*"});
}

TEST_F(Trie, GroupsOfOneNameAreMergedAcrossSubjects) {
  add("a.b", "q");
  add("a.*", "q");
  add("a.b", "r");
  TrieMatch result;
  trie_.match("a.b", result);
  EXPECT_EQ(result.groups.size(), 2u);
}

TEST_F(Trie, MalformedSubjectsAreNotInserted) {
  for (auto* s : {"", "a..b", ".a", "a.", ">.a", "a.>.b"}) {
    Entry entry(s, "");
    EXPECT_FALSE(trie_.insert(entry)) << s;
  }
  EXPECT_EQ(trie_.size(), 0u);
}

TEST_F(Trie, RemovingTwiceIsRefused) {
  Entry& e = add("a.b");
  EXPECT_TRUE(trie_.remove(e));
  EXPECT_FALSE(trie_.remove(e));
}

TEST_F(Trie, AgreesWithOneByOneMatchingUnderRandomChange) {
  std::uint64_t state = 7;
  auto random = [&] { return (state = state * 6364136223846793005ull + 1442695040888963407ull) >> 33; };
  std::vector<Entry*> live;
  auto token = [&](bool wild) {
    const char* tokens[] = {"a", "b", "c", "dd", "*", ">"};
    return std::string(tokens[random() % (wild ? 6 : 4)]);
  };
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 3 != 0 || live.empty()) {
      std::string subject = token(true);
      while (subject != ">" && !subject.ends_with(".>") && random() % 3 != 0) subject += "." + token(true);
      live.push_back(&add(subject, random() % 4 == 0 ? "q" : ""));
    } else {
      std::size_t i = random() % live.size();
      ASSERT_TRUE(trie_.remove(*live[i]));
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (step % 50 != 0) continue;
    std::string literal = token(false);
    while (random() % 3 != 0) literal += "." + token(false);
    Names expected;
    for (Entry* e : live) {
      if (matches(literal, e->subject()))
        expected.insert(std::string(e->subject()) + (e->has_queue() ? "/" + std::string(e->queue()) : ""));
    }
    ASSERT_EQ(matched(literal), expected) << literal;
    ASSERT_EQ(trie_.has_match(literal), !expected.empty());
    ASSERT_EQ(trie_.size(), live.size());
  }
}

TEST_F(Trie, VeryDeepSubjectsNeedNoStack) {
  std::string deep = "*";
  std::string literal = "a";
  for (int i = 0; i < 200'000; ++i) {
    deep += ".*";
    literal += ".a";
  }
  Entry& e = add(deep);
  EXPECT_EQ(matched(literal).size(), 1u);
  EXPECT_TRUE(trie_.remove(e));
  add(deep);
}

}  // namespace
}  // namespace nats::subject
