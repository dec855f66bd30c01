// The one table of options: every key of the configuration, in which block it stands, what sets it,
// and what a reload may do to it. To add an option is to add a row to option_table.cc, a field to
// Options, and a setter if none of setters.h fits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/config/block.h"

namespace nats::config {

enum class Status : std::uint8_t {
  built,   // has its effect
  parsed,  // is checked; the server refuses to start with it (Options::unbuilt)
};

enum class ReloadRule : std::uint8_t {
  allowed,
  refused,   // "config reload not supported for <field>: old=..., new=..."
  special,   // has rules of its own, see reload_plan.cc
  as_block,  // what its block, or the key it is another spelling of, says
};

// What must be done again when a reload has changed the option.
enum class ReloadEffect : std::uint8_t { none, logging, trace_level, authorization, server_info };

struct Reload {
  ReloadRule rule = ReloadRule::as_block;
  // The reference's name of the setting, which its messages show.
  std::string_view field = {};
  ReloadEffect effect = ReloadEffect::none;
  // The line that the log shows; empty: "Reloaded: <key> = <new value>".
  std::string_view notice = {};
};

// The field of Options that the row sets, if it is one: for comparing and showing.
struct View {
  bool (*equal)(const Options& a, const Options& b) = nullptr;
  std::string (*show)(const Options& options) = nullptr;
};

struct OptionRow {
  std::string_view block;  // "": the top level; "tls{}" stands for the block wherever it is allowed
  std::string_view key;
  std::string_view aliases;  // separated by spaces
  std::string_view type;
  std::string_view fallback;  // what holds when the key is absent
  Reload reload;
  Status status;
  Setter set;
  View view = {};
};

std::span<const OptionRow> option_rows();

// `key` in lower case, or an alias. Null: there is none.
const OptionRow* find_row(std::string_view block, std::string_view key);

// Whether the settings of a nested block have their effect.
bool block_is_built(std::string_view block);

}  // namespace nats::config
