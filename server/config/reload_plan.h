// What a reload changes, and whether it may. The option table decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/error.h"
#include "server/config/option_table.h"
#include "server/config/options.h"

namespace nats::config {

struct OptionChange {
  // The reference's name of the setting: "MaxPayload", "Users".
  std::string_view field;
  // The line that the log shows when it is applied; empty: none.
  std::string notice;
  ReloadEffect effect = ReloadEffect::none;
};

struct ReloadPlan {
  // In the order in which the reference applies them.
  std::vector<OptionChange> changes;

  bool changes_field(std::string_view field) const;
  bool has_effect(ReloadEffect effect) const;
};

// An error's detail is the reference's refusal: "config reload not supported for Port: old=1, new=2".
// Nothing is applied then. Users and accounts always count as changed, as the reference has it.
// `tls_used`: a client has shaken hands since `current` holds; the reference takes even the same
// certificates for others then.
Result<ReloadPlan> plan_reload(const Options& current, const Options& next, bool tls_used);

}  // namespace nats::config
