#include "server/config/block.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "server/config/option_table.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"

namespace nats::config {
namespace {

std::string placed(const Token* at, std::string_view reason) {
  if (!at || at->bare) return std::string(reason);
  return fmt::format("{}: {}", at->spot.text(), reason);
}

}  // namespace

void Report::error(const Token* at, std::string_view reason) { errors_.push_back(placed(at, reason)); }

void Report::warning(const Token* at, std::string_view reason) { warnings_.push_back(placed(at, reason)); }

void Report::misuse(const Token& at, std::string_view field, std::string_view reason) {
  warnings_.push_back(
      fmt::format("{}: invalid use of field {}: {}", at.spot.text(), gojson::go_quote(field), reason));
}

std::string Report::text() const {
  std::string out;
  for (const std::string& line : warnings_) out += line + "\n";
  for (const std::string& line : errors_) out += line + "\n";
  return out;
}

Step Block::read(const Map& map, Setter unknown) {
  std::vector<const Map::value_type*> entries;
  for (const auto& entry : map) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(), [](auto* a, auto* b) {
    const Spot& x = a->second.spot;
    const Spot& y = b->second.spot;
    if (x.file != y.file) return std::less<const std::string*>()(x.file, y.file);
    return std::tie(x.line, x.column) < std::tie(y.line, y.column);
  });
  for (const auto* entry : entries) {
    Field field{entry->first, look_at(entry->second)};
    const OptionRow* row = find_row(rows_, text::lower(field.key));
    if (row) field.name = row->key;
    harmless_ = false;
    Step step = row ? row->set(*this, field) : unknown(*this, field);
    if (row && row->status == Status::parsed && !harmless_) note_unbuilt(row->key, field.token);
    if (step == Step::next || faults_ == Faults::caught_per_key) continue;
    return step == Step::unwind && faults_ == Faults::caught ? Step::leave : step;
  }
  return Step::next;
}

const Token& Block::look_at(const Token& token) {
  if (!token.bare) last_ = &token;
  return token;
}

Step Block::wrong_type(const Token& token, std::string_view wanted) {
  return fault(fmt::format("interface conversion: interface {{}} is {}, not {}", token.type_name(), wanted));
}

Step Block::nil_fault() { return fault("runtime error: invalid memory address or nil pointer dereference"); }

Step Block::fault(std::string_view what) {
  Block* catcher = this;
  while (catcher->faults_ == Faults::passed_on && catcher->outer_) catcher = catcher->outer_;
  if (catcher->last_) {
    report().error(catcher->last_, what);
  } else {
    report().error(nullptr, fmt::format("encountered panic without a token {}", what));
  }
  catcher->failed_ = true;
  return Step::unwind;
}

Step Block::error(const Field& field, std::string_view reason) {
  report().error(&field.token, reason);
  return Step::next;
}

void Block::note_unbuilt(std::string_view key, const Token& token) {
  // Inside a block that is not built itself, that block has been named already.
  if (rows_.empty()) {
    options().unbuilt.push_back({std::string(key), token.spot.position()});
  } else if (block_is_built(rows_)) {
    options().unbuilt.push_back({fmt::format("{} {}", rows_, key), token.spot.position()});
  }
}

const Token* last_entry(const Map& map, const Token* otherwise) {
  const Token* last = nullptr;
  for (const auto& [key, token] : map) {
    if (token.bare) continue;
    if (!last ||
        std::tie(token.spot.line, token.spot.column) > std::tie(last->spot.line, last->spot.column)) {
      last = &token;
    }
  }
  return last ? last : otherwise;
}

Step unknown_field(Block& block, const Field& field) {
  if (field.token.bare) return block.nil_fault();
  if (field.token.used_variable) return Step::next;
  return block.error(field, fmt::format("unknown field {}", gojson::go_quote(field.key)));
}

}  // namespace nats::config
