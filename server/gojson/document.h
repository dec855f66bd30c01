// A parsed JSON text, accepted and refused exactly as Go's encoding/json (Go 1.27) does.
//
// A Document owns its values; a Value is a cheap handle that must not outlive it. Values lie in one
// array in reading order, so nothing here recurses, whatever the nesting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"

namespace nats::gojson {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

class Value;

class Document {
 public:
  // Objects and arrays may be nested this deep.
  static constexpr std::size_t depth_max = 10'000;

  // On error the detail is Go's text: "invalid character 'x' after top-level value".
  static Result<Document> parse(std::string_view text);

  Value root() const;

 private:
  friend class Parser;
  friend class Value;

  struct Node {
    Kind kind = Kind::null;
    bool boolean = false;
    std::uint32_t text_at = 0;  // string or number: where its octets are in text_
    std::uint32_t text_size = 0;
    std::uint32_t next = 0;  // the node after this value and all it holds
  };

  std::vector<Node> nodes_;
  std::string text_;
};

class Value {
 public:
  Kind kind() const { return node().kind; }
  bool is_null() const { return kind() == Kind::null; }
  // Of a boolean.
  bool boolean() const { return node().boolean; }
  // A string's decoded octets, a number's literal; empty for other kinds.
  std::string_view text() const;

  // The elements of an array, or keys and values of an object by turns:
  //   for (auto at = v.first(); at != v.end(); at = at.next()) ...
  Value first() const { return Value(*document_, index_ + 1); }
  Value end() const { return Value(*document_, node().next); }
  Value next() const { return end(); }
  friend bool operator==(const Value& a, const Value& b) { return a.index_ == b.index_; }

  // The last member of an object with exactly this name; null handle semantics: false when absent.
  bool find(std::string_view name, Value& found) const;

 private:
  friend class Document;
  Value(const Document& document, std::uint32_t index) : document_(&document), index_(index) {}
  const Document::Node& node() const { return document_->nodes_[index_]; }

  const Document* document_;
  std::uint32_t index_;
};

inline Value Document::root() const { return Value(*this, 0); }

}  // namespace nats::gojson
