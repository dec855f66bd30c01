// The flags that the program knows, and their reading as Go's flag package does it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/command_line.h"

namespace nats::config {

struct ParsedArguments {
  Flags flags;
  std::vector<std::string> rest;  // from the first argument on that is no flag
  std::string error;              // what the flag package prints before the usage; empty: fine
};

ParsedArguments parse_arguments(std::span<const std::string> arguments);

// A flag that is a bool: given and true.
bool is_set(const Flags& flags, std::string_view name);

// Sets what the flags say in `options`, each in its turn.
void apply_flags(const Flags& flags, Options& options);

// Flags that several settings at once follow from ("DV"), and those of features that are not built.
// The error's detail is the reference's.
Result<void> apply_combined_flags(const Flags& flags, sys::Files& files, sys::Tls* tls, Options& options);

}  // namespace nats::config
