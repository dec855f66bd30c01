// How one { } of a configuration is read: each key is looked up among the rows of the option table
// that belong to the block, and the row's setter takes the value.
//
// Faults. Where a value has a type that nobody foresaw, the reference fails in the middle of the
// function that reads the block, and some outer function reports it at the value which that one read
// last. So a Block knows whether it catches faults, and which value it would blame.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/document.h"
#include "server/config/options.h"
#include "server/config/parser.h"

namespace nats::sys {
class Tls;
}

namespace nats::config {

// Errors and warnings found so far, as they will be printed.
class Report {
 public:
  // `at` may be null or bare: then no position is shown.
  void error(const Token* at, std::string_view reason);
  void warning(const Token* at, std::string_view reason);
  // "invalid use of field": the reference's other kind of warning.
  void misuse(const Token& at, std::string_view field, std::string_view reason);

  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  bool has_errors() const { return !errors_.empty(); }
  // Warnings, then errors, a line each.
  std::string text() const;

 private:
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

// What all blocks of one configuration share.
struct Loading {
  Options& options;
  Report report;
  sys::Files& files;
  const Environment& environment;
  // Null: certificates are not looked into.
  sys::Tls* tls = nullptr;
  // Accounts that auth_callout names: they must be configured somewhere.
  std::vector<std::string> callout_accounts = {};
};

enum class Step : std::uint8_t {
  next,    // go on with the next key
  leave,   // this block is done
  unwind,  // a fault that a block further out catches
};

// A key as it was written, its value, and the name that the key's row has.
struct Field {
  std::string_view key;
  const Token& token;
  std::string_view name = {};
};

class Block;
using Setter = Step (*)(Block& block, const Field& field);

enum class Faults : std::uint8_t {
  caught,          // the block ends
  caught_per_key,  // the key ends: the top level
  passed_on,
};

class Block {
 public:
  // `rows` is the table's name of the block ("cluster{}"); `target` is what the block's setters fill.
  // The outermost block has no outer one.
  Block(Loading& loading, std::string_view rows, void* target, Block* outer, Faults faults)
      : loading_(loading), rows_(rows), target_(target), outer_(outer), faults_(faults) {}

  // Reads all keys of `map`, in the order of the file.
  Step read(const Map& map, Setter unknown);

  template <class T>
  T& target() {
    return *static_cast<T*>(target_);
  }
  Options& options() { return loading_.options; }
  Report& report() { return loading_.report; }
  Loading& loading() { return loading_; }

  // `token` is now the value that a fault would be blamed on.
  const Token& look_at(const Token& token);
  // Reports a value of the wrong type in Go's words, or another fault.
  Step wrong_type(const Token& token, std::string_view wanted);
  Step nil_fault();
  Step fault(std::string_view what);
  // The reference's function for this block came to nothing.
  bool failed() const { return failed_; }

  // Reports at `field`, and goes on.
  Step error(const Field& field, std::string_view reason);

  // The feature of the key being read is not built; called for each row that says so, unless its
  // setter finds that nothing is asked of the feature.
  void harmless() { harmless_ = true; }

 private:
  void note_unbuilt(std::string_view key, const Token& token);

  Loading& loading_;
  std::string_view rows_;
  void* target_;
  Block* outer_;
  Faults faults_;
  const Token* last_ = nullptr;
  bool failed_ = false;
  bool harmless_ = false;
};

// The entry of `map` that stands last; `otherwise` when it has none.
const Token* last_entry(const Map& map, const Token* otherwise);

// What is said about a key that no row has.
Step unknown_field(Block& block, const Field& field);

}  // namespace nats::config
