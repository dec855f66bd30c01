#include "server/subject/interest_trie.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstring>
#include <new>
#include <utility>

#include "server/base/check.h"
#include "server/subject/subject.h"

namespace nats::subject {
namespace {

std::uint64_t hash_token(std::string_view token) { return std::hash<std::string_view>()(token); }

// Tokens of a subject, without memory of their own for the usual subject.
class TokenList {
 public:
  // False: a token is empty.
  bool split(std::string_view subject) {
    for (Tokens t(subject); t.next();) {
      if (t.token().empty()) return false;
      if (size_ < inline_max) {
        few_[size_] = t.token();
      } else {
        if (many_.empty()) many_.assign(few_, few_ + size_);
        many_.push_back(t.token());
      }
      ++size_;
    }
    return true;
  }
  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t i) const { return many_.empty() ? few_[i] : many_[i]; }

 private:
  static constexpr std::size_t inline_max = 32;
  std::string_view few_[inline_max];
  std::vector<std::string_view> many_;
  std::size_t size_ = 0;
};

}  // namespace

EntryList::EntryList(EntryList&& other) noexcept
    : one_(other.one_), size_(std::exchange(other.size_, 0)), capacity_(std::exchange(other.capacity_, 0)) {
  other.one_ = nullptr;
}

EntryList& EntryList::operator=(EntryList&& other) noexcept {
  std::swap(one_, other.one_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

EntryList::~EntryList() {
  if (capacity_) delete[] many_;
}

void EntryList::add(TrieEntry& entry) {
  if (size_ == 0 && capacity_ == 0) {
    one_ = &entry;
  } else {
    if (size_ >= std::max<std::uint32_t>(capacity_, 1)) {
      std::uint32_t capacity = std::max<std::uint32_t>(4, capacity_ * 2);
      auto** grown = new TrieEntry*[capacity];
      for (std::uint32_t i = 0; i < size_; ++i) grown[i] = (*this)[i];
      if (capacity_) delete[] many_;
      many_ = grown;
      capacity_ = capacity;
    }
    many_[size_] = &entry;
  }
  entry.position_ = size_++;
}

bool EntryList::remove(TrieEntry& entry) {
  if (entry.position_ >= size_ || (*this)[entry.position_] != &entry) return false;
  --size_;
  if (capacity_ == 0) {
    one_ = nullptr;
    return true;
  }
  TrieEntry* last = many_[size_];
  many_[entry.position_] = last;
  last->position_ = entry.position_;
  if (size_ == 0) {
    delete[] many_;
    one_ = nullptr;
    capacity_ = 0;
  }
  return true;
}

void TrieMatch::clear() {
  plain.clear();
  groups.clear();
}

struct QueueEntries {
  std::string queue;
  EntryList members;
};

// The token stands behind the node, in the same allocation.
struct InterestTrie::Node {
  std::unique_ptr<Level> next;
  EntryList plain;
  std::unique_ptr<std::vector<QueueEntries>> groups;
  std::uint32_t token_size;

  std::string_view token() const { return {reinterpret_cast<const char*>(this + 1), token_size}; }
  bool unused() const { return !next && plain.empty() && !groups; }

  static Node* make(std::string_view token);
  struct Delete {
    void operator()(Node* node) const;
  };
};

struct InterestTrie::Level {
  struct Hash {
    using is_transparent = void;
    std::uint64_t operator()(std::string_view token) const { return hash_token(token); }
    std::uint64_t operator()(const Node* node) const { return hash_token(node->token()); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Node* a, const Node* b) const { return a->token() == b->token(); }
    bool operator()(std::string_view a, const Node* b) const { return a == b->token(); }
    bool operator()(const Node* a, std::string_view b) const { return a->token() == b; }
  };

  boost::unordered_flat_set<Node*, Hash, Equal> literals;
  std::unique_ptr<Node, Node::Delete> star;  // "*"
  std::unique_ptr<Node, Node::Delete> rest;  // ">"

  ~Level() {
    for (Node* node : literals) Node::Delete()(node);
  }
  bool unused() const { return literals.empty() && !star && !rest; }
  Node* find(std::string_view token) const {
    if (token == "*") return star.get();
    if (token == ">") return rest.get();
    return find_literal(token);
  }
  Node* find_literal(std::string_view token) const {
    auto it = literals.find(token);
    return it == literals.end() ? nullptr : *it;
  }
  void erase(Node* node) {
    if (node == star.get()) {
      star.reset();
    } else if (node == rest.get()) {
      rest.reset();
    } else {
      literals.erase(node);
      Node::Delete()(node);
    }
  }
};

// Below Level, because a Node owns one.
InterestTrie::Node* InterestTrie::Node::make(std::string_view token) {
  void* memory = ::operator new(sizeof(Node) + token.size());
  Node* node = new (memory) Node{};
  node->token_size = static_cast<std::uint32_t>(token.size());
  std::memcpy(static_cast<char*>(memory) + sizeof(Node), token.data(), token.size());
  return node;
}

void InterestTrie::Node::Delete::operator()(Node* node) const {
  node->~Node();
  ::operator delete(node);
}

namespace {

TrieMatch::Group& group_named(TrieMatch& result, std::string_view queue) {
  for (TrieMatch::Group& group : result.groups)
    if (group.queue == queue) return group;
  result.groups.push_back({queue, {}});
  return result.groups.back();
}

template <class Node>
void add_node(const Node& node, TrieMatch& result) {
  for (std::size_t i = 0; i < node.plain.size(); ++i) result.plain.push_back(node.plain[i]);
  if (!node.groups) return;
  for (const QueueEntries& entries : *node.groups) {
    if (entries.members.empty()) continue;
    TrieMatch::Group& group = group_named(result, entries.members[0]->queue());
    for (std::size_t i = 0; i < entries.members.size(); ++i) group.members.push_back(entries.members[i]);
  }
}

// Visits the nodes that match, in the reference's order: ">", then what is below "*", then what is
// below the token itself; stops when `visit` says true. Branches still to be walked wait on a
// list, not on the stack: a subject may have as many tokens as a control line has room for.
template <class Level, class Visit>
bool walk(const Level* root, const TokenList& tokens, Visit&& visit) {
  struct Branch {
    const Level* level;
    std::size_t at;
  };
  constexpr std::size_t few_max = 16;
  Branch few[few_max];
  std::vector<Branch> many;
  std::size_t waiting = 0;
  auto push = [&](const Level* level, std::size_t at) {
    if (waiting < few_max)
      few[waiting] = {level, at};
    else
      many.push_back({level, at});
    ++waiting;
  };
  push(root, 0);
  while (waiting > 0) {
    --waiting;
    Branch branch = waiting < few_max ? few[waiting] : many.back();
    if (waiting >= few_max) many.pop_back();
    const Level* level = branch.level;
    for (std::size_t at = branch.at; level; ++at) {
      if (level->rest && visit(*level->rest)) return true;
      auto* literal = level->find_literal(tokens[at]);
      if (at + 1 == tokens.size()) {
        if (literal && visit(*literal)) return true;
        if (level->star && visit(*level->star)) return true;
        break;
      }
      const Level* below_literal = literal ? literal->next.get() : nullptr;
      const Level* below_star = level->star ? level->star->next.get() : nullptr;
      if (below_star && below_literal) push(below_literal, at + 1);
      level = below_star ? below_star : below_literal;
    }
  }
  return false;
}

}  // namespace

InterestTrie::InterestTrie() : root_(std::make_unique<Level>()) {}

// Level by level: a deep trie must not be torn down on the stack.
InterestTrie::~InterestTrie() {
  std::vector<std::unique_ptr<Level>> levels;
  levels.push_back(std::move(root_));
  auto take_next = [&](Node* node) {
    if (node && node->next) levels.push_back(std::move(node->next));
  };
  while (!levels.empty()) {
    std::unique_ptr<Level> level = std::move(levels.back());
    levels.pop_back();
    take_next(level->star.get());
    take_next(level->rest.get());
    for (Node* node : level->literals) take_next(node);
  }
}

InterestTrie::Node* InterestTrie::find_or_make(Level& level, std::string_view token) {
  if (Node* node = level.find(token)) return node;
  Node* node = Node::make(token);
  if (token == "*")
    level.star.reset(node);
  else if (token == ">")
    level.rest.reset(node);
  else
    level.literals.insert(node);
  return node;
}

bool InterestTrie::insert(TrieEntry& entry) {
  bool ended = false;
  for (Tokens t(entry.subject()); t.next();) {
    if (ended || t.token().empty()) return false;
    ended = t.token() == ">";
  }
  Level* level = root_.get();
  Node* node = nullptr;
  for (Tokens t(entry.subject()); t.next();) {
    node = find_or_make(*level, t.token());
    if (t.last()) break;
    if (!node->next) node->next = std::make_unique<Level>();
    level = node->next.get();
  }
  ++size_;
  if (!entry.has_queue()) {
    node->plain.add(entry);
    return true;
  }
  if (!node->groups) node->groups = std::make_unique<std::vector<QueueEntries>>();
  for (QueueEntries& group : *node->groups) {
    if (group.queue == entry.queue()) {
      group.members.add(entry);
      return true;
    }
  }
  node->groups->push_back({std::string(entry.queue()), {}});
  node->groups->back().members.add(entry);
  return true;
}

bool InterestTrie::remove_from(Node& node, TrieEntry& entry) {
  if (!entry.has_queue()) return node.plain.remove(entry);
  if (!node.groups) return false;
  auto group = std::find_if(node.groups->begin(), node.groups->end(),
                            [&](const QueueEntries& g) { return g.queue == entry.queue(); });
  if (group == node.groups->end() || !group->members.remove(entry)) return false;
  if (group->members.empty()) node.groups->erase(group);
  if (node.groups->empty()) node.groups.reset();
  return true;
}

bool InterestTrie::remove(TrieEntry& entry) {
  std::vector<std::pair<Level*, Node*>> path;
  Level* level = root_.get();
  for (Tokens t(entry.subject()); t.next();) {
    Node* node = level ? level->find(t.token()) : nullptr;
    if (!node) return false;
    path.emplace_back(level, node);
    level = node->next.get();
  }
  if (!remove_from(*path.back().second, entry)) return false;
  --size_;
  for (; !path.empty(); path.pop_back()) {
    auto [owner, node] = path.back();
    if (node->next && node->next->unused()) node->next.reset();
    if (!node->unused()) break;
    owner->erase(node);
  }
  return true;
}

void InterestTrie::match(std::string_view subject, TrieMatch& result) const {
  TokenList tokens;
  if (!tokens.split(subject)) return;
  walk(root_.get(), tokens, [&](const Node& node) {
    add_node(node, result);
    return false;
  });
}

bool InterestTrie::has_match(std::string_view subject) const {
  TokenList tokens;
  if (!tokens.split(subject)) return false;
  return walk(root_.get(), tokens, [](const Node& node) { return !node.plain.empty() || node.groups; });
}

void InterestTrie::for_each(const std::function<void(TrieEntry&)>& visit) const {
  std::vector<const Level*> levels{root_.get()};
  auto visit_node = [&](const Node& node) {
    for (std::size_t i = 0; i < node.plain.size(); ++i) visit(*node.plain[i]);
    if (node.groups) {
      for (const QueueEntries& group : *node.groups)
        for (std::size_t i = 0; i < group.members.size(); ++i) visit(*group.members[i]);
    }
    if (node.next) levels.push_back(node.next.get());
  };
  while (!levels.empty()) {
    const Level* level = levels.back();
    levels.pop_back();
    for (const Node* node : level->literals) visit_node(*node);
    if (level->star) visit_node(*level->star);
    if (level->rest) visit_node(*level->rest);
  }
}

std::size_t InterestTrie::depth() const {
  std::size_t deepest = 0;
  for_each([&](TrieEntry& entry) { deepest = std::max(deepest, token_count(entry.subject())); });
  return deepest;
}

}  // namespace nats::subject
