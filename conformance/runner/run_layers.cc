// TLS and WebSocket on a client's connection.
#include <fmt/core.h>

#include "conformance/runner/run.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {

using script::Statement;
using trace::Direction;

std::expected<std::vector<std::string>, std::string> Run::expand_words(const Statement& statement) const {
  std::vector<std::string> words;
  for (const script::Template& word : statement.words) {
    auto text = script::expand(word, lookup());
    if (!text) return std::unexpected(text.error());
    words.push_back(std::move(*text));
  }
  return words;
}

// Waits until the layer has negotiated; that it could not is an event, and the connection goes on as
// the server left it.
Flow Run::negotiate(const Statement& statement, std::unique_ptr<ByteLayer> layer, const std::string& frame) {
  record_statement(statement);
  Client& client = *clients_.at(statement.actor);
  client.add_layer(std::move(layer));
  const ByteLayer& top = *client.top_layer();
  const auto decided = [&] { return top.is_ready() || !top.failure().empty() || client.has_ended(); };
  if (!pump(deadline(), decided)) return timed_out(statement.actor, frame);
  std::vector<trace::Leaf> leaves = top.description();
  leaves.insert(leaves.begin(), {"ready", top.is_ready() ? "true" : "false"});
  record(statement.actor, Direction::received, frame, std::move(leaves));
  return {};
}

Flow Run::start_tls(const Statement& statement) {
  const auto words = expand_words(statement);
  if (!words) return unresolved(words.error());
  TlsOptions options;
  for (std::size_t i = 0; i + 1 < words->size(); i += 2) {
    const std::string& name = (*words)[i];
    const std::string& value = (*words)[i + 1];
    if (name == "ca") options.ca_file = value;
    if (name == "cert") options.cert_file = value;
    if (name == "key") options.key_file = value;
    if (name == "name") options.name = value;
    if (name == "max") options.max_version = value;
    if (name == "staple") options.wants_staple = true;
  }
  auto layer = make_tls_layer(options);
  if (!layer) return own_failure(layer.error());
  return negotiate(statement, std::move(*layer), "TLS");
}

Flow Run::start_websocket(const Statement& statement) {
  const auto words = expand_words(statement);
  if (!words) return unresolved(words.error());
  WebSocketOptions options;
  options.host = agent_.host();
  if (!words->empty()) options.path = words->front();
  for (std::size_t i = 1; i < words->size(); ++i) {
    if ((*words)[i] == "unmasked")
      options.masked = false;
    else
      options.headers.push_back((*words)[i]);
  }
  return negotiate(statement, make_websocket_layer(options), "UPGRADE");
}

}  // namespace natstwin::runner
