#include "conformance/runner/capture_script.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "conformance/trace/decode.h"
#include "conformance/trace/decode_client.h"
#include "conformance/trace/json_text.h"

namespace natstwin::runner {
namespace {

using Kind = CapturedBytes::Kind;

constexpr std::size_t run_min = 16;            // equal bytes in a row that are worth a repetition
constexpr std::size_t followed_bytes_min = 8;  // shorter values of the server are taken for chance

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '$' || c == '.';
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '\r':
      out += "\\r";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '$':
      out += "\\$";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte >= 0x7f)
    out += fmt::format("\\x{:02x}", byte);
  else
    out += c;
}

// A value that the server chose, and where it stood.
struct Source {
  int connection = 0;
  std::string frame_path;  // MSG.reply
  std::size_t after = 0;   // index of the step that received it
  std::string variable;    // once used
};

struct Step {
  int connection = 0;
  std::string text;               // "send ...", "recv ..."
  std::string received;           // kind, for steps that merge
  std::vector<std::string> lets;  // steps that follow it
};

struct Connection {
  std::unique_ptr<trace::Decoder> from_server = trace::make_nats_decoder();
  trace::ClientOpDecoder from_client;
  int pings_unanswered = 0;  // of the server: these and their PONGs belong to its timers
  bool decodes = true;
};

class Writer {
 public:
  void add(const CapturedBytes& captured) {
    switch (captured.kind) {
      case Kind::opened:
        connections_[captured.connection];
        steps_.push_back({captured.connection, "", "", {}});
        break;
      case Kind::from_client:
        on_client(captured);
        break;
      case Kind::from_server:
        on_server(captured);
        break;
      case Kind::client_closed:
        on_client_end(captured.connection);
        break;
      case Kind::server_closed:
        on_server_end(captured.connection);
        break;
    }
  }

  CapturedScript script(const CaptureHead& head) const {
    CapturedScript script;
    script.text = fmt::format("scenario {}\nnote     {}\n\nserver A\n", head.name, head.note);
    if (!head.config.empty()) script.text += "  config\n" + indented(head.config);
    int current = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (step.text.empty() && step.received.empty()) {
        script.text += fmt::format("client c{} to A\n", step.connection);
      } else {
        if (step.connection != current) script.text += fmt::format("c{}\n", step.connection);
        i = write_step(i, script.text);
      }
      current = step.connection;
    }
    script.warnings = warnings_;
    return script;
  }

 private:
  static std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      std::string line(text.substr(0, end));
      for (auto at = line.find("${"); at != std::string::npos; at = line.find("${", at + 3))
        line.insert(at, "$");
      out += line.empty() ? "\n" : "    " + line + "\n";
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }

  // Equal barriers in a row become one; returns the index of the last step that was written.
  std::size_t write_step(std::size_t i, std::string& text) const {
    const Step& step = steps_[i];
    std::size_t last = i;
    if (!step.received.empty()) {
      while (steps_[last].lets.empty() && last + 1 < steps_.size() &&
             steps_[last + 1].connection == step.connection && steps_[last + 1].received == step.received) {
        ++last;
      }
    }
    const std::size_t count = last - i + 1;
    if (step.received.empty())
      text += "  " + step.text + "\n";
    else if (count == 1)
      text += "  recv " + step.received + "\n";
    else
      text += fmt::format("  recv {} x{}\n", step.received, count);
    for (const std::string& let : steps_[last].lets) text += "  " + let + "\n";
    return last;
  }

  void on_server(const CapturedBytes& captured) {
    Connection& connection = connections_[captured.connection];
    if (!connection.decodes) return;
    connection.from_server->feed(captured.bytes);
    while (const auto frame = connection.from_server->next())
      on_frame(captured.connection, connection, *frame);
  }

  void on_frame(int number, Connection& connection, const trace::Frame& frame) {
    if (frame.kind == "PING") {
      ++connection.pings_unanswered;
      return;
    }
    steps_.push_back({number, "", frame.kind, {}});
    if (frame.kind == "INFO") warn_about_info(number, frame);
    for (const trace::Leaf& leaf : frame.leaves) {
      if (!trace::is_json_string(leaf.value)) continue;
      const auto value = trace::unquote_bytes(leaf.value);
      if (!value || value->size() < followed_bytes_min || !std::ranges::all_of(*value, is_token_char))
        continue;
      if (said_by_clients_.contains(*value)) continue;
      sources_.try_emplace(*value, Source{number, frame.kind + "." + leaf.path, steps_.size() - 1, ""});
    }
  }

  void warn_about_info(int number, const trace::Frame& frame) {
    const auto is_true = [&](std::string_view path) {
      const trace::Leaf* leaf = frame.leaf(path);
      return leaf != nullptr && leaf->value == "true";
    };
    if (is_true("json.tls_required"))
      warnings_.push_back(fmt::format("c{}: the server wants TLS, which cannot be captured", number));
    if (frame.leaf("json.nonce") != nullptr) {
      warnings_.push_back(
          fmt::format("c{}: the server sent a nonce; a signature of it will not fit another one", number));
    }
  }

  void on_client(const CapturedBytes& captured) {
    Connection& connection = connections_[captured.connection];
    connection.from_client.feed(captured.bytes);
    while (const auto op = connection.from_client.next()) on_op(captured.connection, connection, *op);
  }

  void on_op(int number, Connection& connection, const trace::ClientOp& op) {
    if (op.line == "PONG" && connection.pings_unanswered > 0) {
      --connection.pings_unanswered;
      return;
    }
    remember_words(op.line);
    remember_words(op.payload);
    if (!op.raw.empty()) {
      steps_.push_back({number, "raw " + quote_pieces(op.raw), "", {}});
      return;
    }
    std::string line = followed(op.line, true);
    if (op.publishes) line = with_stars(line, op);
    std::string text = "send " + line;
    if (op.publishes && op.line.starts_with('H')) text += " " + quote_headers(op.headers);
    if (op.publishes) text += " " + followed_pieces(op.payload);
    steps_.push_back({number, std::move(text), "", {}});
  }

  // Sizes are computed when played: a variable in the payload may have another length.
  static std::string with_stars(std::string line, const trace::ClientOp& op) {
    const bool has_headers = !op.headers.empty();
    for (int i = 0; i < (has_headers ? 2 : 1); ++i) {
      auto end = line.size();
      if (i == 1) end = line.rfind(' ');
      while (end > 0 && line[end - 1] == ' ') --end;
      const auto begin = line.rfind(' ', end - 1) + 1;
      line.replace(begin, end - begin, "*");
    }
    return line;
  }

  // A header block is one string: the language takes the first string as the headers.
  static std::string quote_headers(std::string_view headers) {
    std::string quoted = "\"";
    for (const char c : headers) append_escaped(quoted, c);
    return quoted + "\"";
  }

  void remember_words(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      auto end = at;
      while (end < text.size() && is_token_char(text[end])) ++end;
      if (end - at >= followed_bytes_min && !sources_.contains(std::string(text.substr(at, end - at)))) {
        said_by_clients_.emplace(text.substr(at, end - at));
      }
      at = end + 1;
    }
  }

  // The text with each value of the server as a variable; `plain` text is not quoted.
  std::string followed(std::string_view text, bool plain) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      auto end = at;
      while (end < text.size() && is_token_char(text[end])) ++end;
      const std::string word(text.substr(at, end - at));
      if (const auto source = sources_.find(word); !word.empty() && source != sources_.end()) {
        out += variable_of(source->second);
      } else {
        for (std::size_t i = 0; i < word.size(); ++i)
          append_text(out, word[i],
                      i + 1 < word.size() ? word[i + 1]
                      : end < text.size() ? text[end]
                                          : '\0',
                      plain);
      }
      if (end < text.size()) append_text(out, text[end], '\0', plain);
      at = end + 1;
    }
    return out;
  }

  static void append_text(std::string& out, char c, char next, bool plain) {
    if (!plain)
      append_escaped(out, c);
    else if (c == '$' && next == '{')
      out += "$$";
    else
      out += c;
  }

  std::string followed_pieces(std::string_view payload) {
    const std::string text = followed(payload, false);
    return text.find("${") == std::string::npos ? quote_pieces(payload) : "\"" + text + "\"";
  }

  std::string variable_of(Source& source) {
    if (source.variable.empty()) {
      source.variable = fmt::format("v{}", ++variables_);
      steps_[source.after].lets.push_back(fmt::format("let {} = {}", source.variable, source.frame_path));
    }
    return "${" + source.variable + "}";
  }

  void on_client_end(int number) {
    Connection& connection = connections_[number];
    if (const auto rest = connection.from_client.finish()) on_op(number, connection, *rest);
    steps_.push_back({number, "close", "", {}});
  }

  void on_server_end(int number) {
    Connection& connection = connections_[number];
    for (const auto& frame : connection.from_server->finish()) on_frame(number, connection, frame);
    steps_.push_back({number, "", "CLOSED", {}});
    connection.decodes = false;
  }

  std::map<int, Connection> connections_;
  std::vector<Step> steps_;
  std::map<std::string, Source> sources_;
  std::set<std::string> said_by_clients_;
  std::vector<std::string> warnings_;
  int variables_ = 0;
};

}  // namespace

std::string quote_pieces(std::string_view bytes) {
  std::string out;
  std::string open;
  const auto close_piece = [&] {
    if (open.empty()) return;
    out += (out.empty() ? "\"" : " \"") + open + "\"";
    open.clear();
  };
  for (std::size_t at = 0; at < bytes.size();) {
    const auto end = std::min(bytes.find_first_not_of(bytes[at], at), bytes.size());
    if (end - at < run_min) {
      append_escaped(open, bytes[at++]);
      continue;
    }
    close_piece();
    std::string unit;
    append_escaped(unit, bytes[at]);
    out += fmt::format("{}\"{}\"*{}", out.empty() ? "" : " ", unit, end - at);
    at = end;
  }
  close_piece();
  return out.empty() ? "\"\"" : out;
}

CapturedScript make_script(const CaptureHead& head, const std::vector<CapturedBytes>& captured) {
  Writer writer;
  for (const CapturedBytes& event : captured) writer.add(event);
  return writer.script(head);
}

}  // namespace natstwin::runner
