// What accounts export to and import from each other.
#include <fmt/core.h>

#include <map>

#include "server/config/blocks.h"
#include "server/config/setters.h"
#include "server/config/text.h"
#include "server/gojson/go_quote.h"
#include "server/gojson/utf8.h"

namespace nats::config {
namespace {

using gojson::go_quote;

Step check_latency_map(Block& block, const Field& field, const Map& map) {
  auto sampling = map.find("sampling");
  if (sampling != map.end()) {
    const Token& token = sampling->second;
    std::optional<std::int64_t> percent;
    if (const std::int64_t* number = token.integer()) percent = *number;
    if (const std::string* text = token.string()) {
      if (text::lower(text::trim(*text)) == "headers") {
        percent = 100;
      } else {
        std::string_view digits = *text;
        if (digits.ends_with('%')) digits.remove_suffix(1);
        Result<std::int64_t> number = text::parse_int(digits, "Atoi");
        if (!number) {
          block.report().error(&token, "Failed to parse latency sample: " + number.error().detail);
          return Step::leave;
        }
        percent = *number;
      }
    }
    if (!percent) {
      block.report().error(&token, fmt::format("Expected latency sample to be a string or map/struct, got {}",
                                               token.type_name()));
      return Step::leave;
    }
    if (*percent < 1 || *percent > 100) {
      block.report().error(&token, "bad sampling percentage, should be 1-100");
      return Step::leave;
    }
  }
  auto subject = map.find("subject");
  if (subject == map.end()) {
    block.error(field, "Latency subject required, but missing");
    return Step::leave;
  }
  if (!subject->second.string()) {
    block.report().error(&subject->second, "Expected latency subject to be a string, got string");
    return Step::leave;
  }
  return Step::next;
}

// `account` and `subject` of an import's stream or service. False: an error was reported.
bool read_source(Block& block, const Field& field, std::string_view what, ImportSource& source) {
  const Map* map = field.token.map();
  if (!map) {
    block.error(field,
                fmt::format("{} entry should be an account map, got {}", what, field.token.type_name()));
    return false;
  }
  Block inner(block.loading(), "accounts.<name>.imports[].stream|service{}", &source, &block, Faults::caught);
  inner.read(*map, unknown_field);
  if (inner.failed()) source = {};
  if (!source.account.empty() && !source.subject.empty()) return true;
  block.error(field, "Expect an account name and a subject");
  return false;
}

}  // namespace

namespace {

// fmt's complaint about a value that its verb is not for.
std::string misfit(const Token& token, char verb) {
  bool empty = (token.array() && token.array()->empty()) || (token.map() && token.map()->empty());
  return empty ? token.text() : fmt::format("%!{}({}={})", verb, token.type_name(), token.text());
}

}  // namespace

std::string quote_value(const Token& token) {
  if (const std::string* text = token.string()) return go_quote(*text);
  if (const std::int64_t* number = token.integer()) {
    // A number is quoted as the rune that it would be.
    bool rune = *number >= 0 && *number <= 0x10ffff;
    std::string text;
    gojson::append_rune(text, rune ? static_cast<char32_t>(*number) : gojson::replacement_rune);
    return gojson::go_quote_rune(text);
  }
  return std::holds_alternative<Date>(token.value) ? go_quote(token.text()) : misfit(token, 'q');
}

std::string string_value(const Token& token) {
  bool plain = token.string() || std::holds_alternative<Date>(token.value);
  return plain ? token.text() : misfit(token, 's');
}

Step set_account_exports(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array)
    return block.error(field, fmt::format("Exports should be an array, got {}", field.token.type_name()));
  AccountBlock& account = block.target<AccountBlock>();
  for (const Token& entry : *array) {
    const Map* map = entry.map();
    if (!map) {
      block.report().error(
          &entry, fmt::format("Export Items should be a map with type entry, got {}", entry.type_name()));
      continue;
    }
    ExportBlock read;
    Block inner(block.loading(), "accounts.<name>.exports[]", &read, &block, Faults::caught);
    inner.look_at(entry);
    inner.read(*map, unknown_field);
    if (inner.failed()) continue;
    if (read.service) {
      read.service->single_response = read.single_response;
      read.service->latency_subject = read.latency_subject;
    }
    if (read.service) account.export_services.push_back(std::move(*read.service));
    if (read.stream) account.export_streams.push_back(std::move(*read.stream));
  }
  return Step::next;
}

Step set_export_stream(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  if (read.service) {
    return block.error(field,
                       fmt::format("Detected stream {} but already saw a service", quote_value(field.token)));
  }
  for (auto [token, what] : {std::pair{read.response, "response"}, std::pair{read.latency, "latency"},
                             std::pair{read.allow_trace, "allow_trace"}}) {
    if (!token) continue;
    block.report().error(token, fmt::format("Detected {} directive on non-service", what));
    return Step::next;
  }
  const std::string* subject = field.token.string();
  if (!subject) {
    return block.error(field,
                       fmt::format("Expected stream name to be string, got {}", field.token.type_name()));
  }
  read.stream = Export{*subject, read.accounts};
  return Step::next;
}

Step set_export_service(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  if (read.stream) {
    return block.error(field,
                       fmt::format("Detected service {} but already saw a stream", quote_value(field.token)));
  }
  const std::string* subject = field.token.string();
  if (!subject) {
    return block.error(field,
                       fmt::format("Expected service name to be string, got {}", field.token.type_name()));
  }
  read.service = Export{*subject, read.accounts};
  return Step::next;
}

Step set_export_response(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  if (read.response_seen) return block.error(field, "Duplicate response type definition");
  read.response_seen = true;
  read.response = &field.token;
  const std::string* value = field.token.string();
  if (!value) {
    return block.error(field,
                       fmt::format("Expected response type to be string, got {}", field.token.type_name()));
  }
  std::string type = text::lower(*value);
  bool known =
      type == "single" || type == "singleton" || type == "stream" || type == "chunk" || type == "chunked";
  if (!known) return block.error(field, "Unknown response type: " + go_quote(*value));
  read.single_response = type.starts_with("single");
  return read.stream ? block.error(field, "Detected response directive on non-service") : Step::next;
}

Step set_export_threshold(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  if (read.threshold_seen) return block.error(field, "Duplicate response threshold detected");
  read.threshold_seen = true;
  const std::string* value = field.token.string();
  if (!value) {
    return block.error(field,
                       fmt::format("Expected response threshold to be a parseable time duration, got {}",
                                   field.token.type_name()));
  }
  if (!text::parse_duration(*value)) {
    return block.error(
        field,
        fmt::format("Expected response threshold to be a parseable time duration, got {}", go_quote(*value)));
  }
  return read.stream ? block.error(field, "Detected response directive on non-service") : Step::next;
}

Step set_export_accounts(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  const Array* array = field.token.array();
  if (!array) return block.wrong_type(field.token, "[]interface {}");
  for (const Token& entry : *array) {
    block.look_at(entry);
    const std::string* name = entry.string();
    if (!name) return block.wrong_type(entry, "string");
    read.accounts.push_back(*name);
  }
  if (read.stream) {
    read.stream->accounts = read.accounts;
  } else if (read.service) {
    read.service->accounts = read.accounts;
  }
  return Step::next;
}

Step set_export_latency(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  read.latency = &field.token;
  read.latency_subject.reset();
  if (const std::string* subject = field.token.string()) {
    read.latency_subject = *subject;
  } else {
    const Map* map = field.token.map();
    if (!map) {
      return block.error(field, fmt::format("Expected latency entry to be a map/struct or string, got {}",
                                            field.token.type_name()));
    }
    if (check_latency_map(block, field, *map) != Step::next) return Step::next;
    read.latency_subject = *map->find("subject")->second.string();
  }
  return read.stream ? block.error(field, "Detected latency directive on non-service") : Step::next;
}

Step set_export_trace(Block& block, const Field& field) {
  ExportBlock& read = block.target<ExportBlock>();
  read.allow_trace = &field.token;
  if (!field.token.boolean()) return block.wrong_type(field.token, "bool");
  return read.stream ? block.error(field, "Detected allow_trace directive on non-service") : Step::next;
}

Step set_account_imports(Block& block, const Field& field) {
  const Array* array = field.token.array();
  if (!array)
    return block.error(field, fmt::format("Imports should be an array, got {}", field.token.type_name()));
  AccountBlock& account = block.target<AccountBlock>();
  std::map<std::string, std::vector<ImportSource>> by_subject;
  for (const Token& entry : *array) {
    const Map* map = entry.map();
    if (!map) {
      block.report().error(
          &entry, fmt::format("Import Items should be a map with type entry, got {}", entry.type_name()));
      continue;
    }
    ImportBlock read;
    Block inner(block.loading(), "accounts.<name>.imports[]", &read, &block, Faults::caught);
    inner.look_at(entry);
    inner.read(*map, unknown_field);
    if (inner.failed()) continue;
    if (read.service) {
      auto& known = by_subject[read.service->to];
      const ImportSource* duplicate = nullptr;
      for (const ImportSource& source : known) {
        if (!duplicate && source.account == read.service->source.account) duplicate = &source;
      }
      if (duplicate) {
        block.report().error(&entry,
                             fmt::format("Duplicate service import subject {}, previously used in import for "
                                         "account {}, subject {}",
                                         go_quote(read.service->to), go_quote(duplicate->account),
                                         go_quote(duplicate->subject)));
        continue;
      }
      known.push_back(read.service->source);
      account.import_services.push_back(*read.service);
    }
    if (read.stream) account.import_streams.push_back(*read.stream);
  }
  return Step::next;
}

Step set_import_stream(Block& block, const Field& field) {
  ImportBlock& read = block.target<ImportBlock>();
  if (read.service) return block.error(field, "Detected stream but already saw a service");
  ImportSource source;
  if (read_source(block, field, "Stream", source)) read.stream = Import{source, read.to};
  return Step::next;
}

Step set_import_service(Block& block, const Field& field) {
  ImportBlock& read = block.target<ImportBlock>();
  if (read.stream) return block.error(field, "Detected service but already saw a stream");
  if (read.allow_trace) {
    block.report().error(read.allow_trace, "Detected allow_trace directive on a non-stream");
    return Step::next;
  }
  ImportSource source;
  if (read_source(block, field, "Service", source)) {
    read.service = Import{source, read.to.empty() ? source.subject : read.to};
  }
  return Step::next;
}

Step set_import_prefix(Block& block, const Field& field) {
  return set_string<&ImportBlock::prefix>(block, field);
}

Step set_import_to(Block& block, const Field& field) {
  Step step = set_string<&ImportBlock::to>(block, field);
  if (step != Step::next) return step;
  ImportBlock& read = block.target<ImportBlock>();
  if (read.service) read.service->to = read.to;
  if (!read.stream) return Step::next;
  read.stream->to = read.to;
  if (read.prefix.empty()) return Step::next;
  return block.error(field, "Stream import can not have a 'prefix' and a 'to' property");
}

Step set_import_trace(Block& block, const Field& field) {
  ImportBlock& read = block.target<ImportBlock>();
  if (read.service) return block.error(field, "Detected allow_trace directive on a non-stream");
  if (!field.token.boolean()) return block.wrong_type(field.token, "bool");
  read.allow_trace = &field.token;
  return Step::next;
}

}  // namespace nats::config
