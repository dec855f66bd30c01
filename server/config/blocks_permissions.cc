// permissions {}: who may publish and subscribe to what.
#include <fmt/core.h>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/subject/subject.h"

namespace nats::config {
namespace {

using gojson::go_quote;

// Publishing or subscribing, being read.
struct Side {
  SubjectPermission& permission;
  QueueNames queues;
};

Step unknown_permission(Block& block, const Field& field) {
  if (field.token.bare) return block.nil_fault();
  if (field.token.used_variable) return Step::next;
  return block.error(field, fmt::format("Unknown field {} parsing permissions", go_quote(field.key)));
}

Step unknown_subject_permission(Block& block, const Field& field) {
  if (field.token.bare) return block.nil_fault();
  if (field.token.used_variable) return Step::next;
  return block.error(field, fmt::format("Unknown field name {} parsing subject permissions, only 'allow' or "
                                        "'deny' are permitted",
                                        go_quote(field.key)));
}

std::string check_subject(const std::string& subject, QueueNames queues) {
  if (subject::is_valid(subject)) return {};
  std::vector<std::string_view> parts;
  if (queues == QueueNames::allowed) parts = text::fields(subject);
  if (parts.size() != 2) return fmt::format("subject {} is not a valid subject", go_quote(subject));
  if (!subject::is_valid(parts[0]))
    return fmt::format("subject {} is not a valid subject", go_quote(parts[0]));
  if (!subject::is_valid(parts[1])) return fmt::format("queue {} is not a valid queue", go_quote(parts[1]));
  return {};
}

// { allow: ..., deny: ... }, or the older form: subjects that are allowed.
Step set_side(Block& block, const Field& field, QueueNames queues, std::optional<SubjectPermission>& out) {
  SubjectPermission side;
  const Map* map = field.token.map();
  if (!map) {
    if (read_subjects(block, field.token, nullptr, queues, side.allow) == Outcome::refused) return Step::next;
    out = std::move(side);
    return Step::next;
  }
  if (map->empty()) {
    out.reset();
    return Step::next;
  }
  Side target{side, queues};
  Block inner(block.loading(), "permissions.publish|subscribe{}", &target, &block, Faults::caught);
  inner.read(*map, unknown_subject_permission);
  if (inner.failed()) {
    out.reset();
  } else {
    out = std::move(side);
  }
  return Step::next;
}

Step set_list(Block& block, const Field& field,
              std::optional<std::vector<std::string>> SubjectPermission::*list) {
  Side& side = block.target<Side>();
  std::optional<std::vector<std::string>> subjects;
  if (read_subjects(block, field.token, &field.token, side.queues, subjects) == Outcome::refused)
    return Step::next;
  side.permission.*list = std::move(subjects);
  return Step::next;
}

}  // namespace

std::string check_subjects(const std::optional<std::vector<std::string>>& subjects, QueueNames queues) {
  if (!subjects) return {};
  for (const std::string& subject : *subjects) {
    if (std::string problem = check_subject(subject, queues); !problem.empty()) return problem;
  }
  return {};
}

std::string check_cluster_subjects(const Permissions& permissions) {
  auto check = [](const std::optional<SubjectPermission>& side, std::string_view name) -> std::string {
    if (!side) return {};
    for (auto [list, what] : {std::pair{&side->allow, "allow"}, std::pair{&side->deny, "deny"}}) {
      std::string problem = check_subjects(*list, QueueNames::refused);
      if (!problem.empty()) return fmt::format("cluster {} {}: {}", name, what, problem);
    }
    return {};
  };
  std::string problem = check(permissions.publish, "import");
  return problem.empty() ? check(permissions.subscribe, "export") : problem;
}

Outcome read_subjects(Block& outer, const Token& token, const Token* at, QueueNames queues,
                      std::optional<std::vector<std::string>>& out) {
  std::vector<std::string> subjects;
  auto refuse = [&](const Token* where, std::string_view reason) {
    outer.report().error(where, reason);
    return Outcome::refused;
  };
  if (const std::string* one = token.string()) {
    subjects.push_back(*one);
  } else if (const Array* many = token.array()) {
    for (const Token& entry : *many) {
      const std::string* subject = entry.string();
      if (!subject) return refuse(&entry, "Subject in permissions array cannot be cast to string");
      subjects.push_back(*subject);
    }
  } else {
    return refuse(at,
                  fmt::format("Expected subject permissions to be a subject, or array of subjects, got {}",
                              token.type_name()));
  }
  // An empty array is as good as none.
  if (!subjects.empty()) out = std::move(subjects);
  std::string problem = check_subjects(out, queues);
  return problem.empty() ? Outcome::done : refuse(at, problem);
}

Outcome read_permissions(Block& outer, const Token& token, const Token* at, Permissions& out) {
  const Map* map = token.map();
  if (!map) {
    outer.report().error(at, fmt::format("Expected permissions to be a map/struct, got {}", token.text()));
    return Outcome::refused;
  }
  Permissions permissions;
  Block block(outer.loading(), "permissions{}", &permissions, &outer, Faults::caught);
  if (at) block.look_at(*at);
  block.read(*map, unknown_permission);
  if (block.failed()) return Outcome::nothing;
  if (permissions.response) {
    // Who may answer may publish nothing else, unless told so.
    if (!permissions.publish) permissions.publish.emplace();
    if (!permissions.publish->allow) permissions.publish->allow.emplace();
  }
  out = std::move(permissions);
  return Outcome::done;
}

Step read_optional_permissions(Block& block, const Field& field, std::optional<Permissions>& out) {
  Permissions permissions;
  switch (read_permissions(block, field.token, &field.token, permissions)) {
    case Outcome::done:
      out = std::move(permissions);
      break;
    case Outcome::nothing:
      out.reset();
      break;
    default:
      break;
  }
  return Step::next;
}

Step set_publish(Block& block, const Field& field) {
  return set_side(block, field, QueueNames::refused, block.target<Permissions>().publish);
}

Step set_subscribe(Block& block, const Field& field) {
  return set_side(block, field, QueueNames::allowed, block.target<Permissions>().subscribe);
}

Step set_allow(Block& block, const Field& field) { return set_list(block, field, &SubjectPermission::allow); }

Step set_deny(Block& block, const Field& field) { return set_list(block, field, &SubjectPermission::deny); }

Step set_allow_responses(Block& block, const Field& field) {
  auto& response = block.target<Permissions>().response;
  if (const bool* wanted = field.token.boolean()) {
    if (*wanted) response.emplace();
    return Step::next;
  }
  response.reset();
  const Map* map = field.token.map();
  if (!map) {
    return block.error(field, "error parsing response permissions, expected a boolean or a map");
  }
  ResponsePermission permission;
  Block inner(block.loading(), "permissions.allow_responses{}", &permission, &block, Faults::caught);
  inner.look_at(field.token);
  if (inner.read(*map, unknown_permission) == Step::next) response = permission;
  return Step::next;
}

Step set_responses_max(Block& block, const Field& field) {
  const std::int64_t* count = field.token.integer();
  if (!count) return block.wrong_type(field.token, "int64");
  if (*count != 0) block.target<ResponsePermission>().max_msgs = static_cast<int>(*count);
  return Step::next;
}

Step set_responses_expires(Block& block, const Field& field) {
  const std::string* text = field.token.string();
  if (!text) {
    block.error(field, "error parsing expires, not a duration string");
    return Step::leave;
  }
  Result<Duration> length = text::parse_duration(*text);
  if (!length) {
    block.error(field, "error parsing expires: " + length.error().detail);
    return Step::leave;
  }
  if (length->ns != 0) block.target<ResponsePermission>().expires = *length;
  return Step::next;
}

}  // namespace nats::config
