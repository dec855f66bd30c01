// Mutants of the client protocol.
#include <fmt/core.h>

#include <array>
#include <vector>

#include "conformance/mutate/mutants.h"

namespace natstwin::mutate {

namespace {

using Bytes = std::string_view;
using Choice = std::uint64_t;

// A frame as the words of its line and what follows it.
struct Message {
  std::vector<std::string> words;  // the op first
  std::string payload;             // with headers, without the last CRLF
};

std::optional<Message> message_of(Bytes bytes) {
  const std::size_t end = bytes.find("\r\n");
  if (end == Bytes::npos || bytes.size() < end + 4) return std::nullopt;
  Message message;
  Bytes line = bytes.substr(0, end);
  while (!line.empty()) {
    const std::size_t space = std::min(line.find(' '), line.size());
    if (space > 0) message.words.emplace_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  message.payload = bytes.substr(end + 2, bytes.size() - end - 4);
  if (message.words.size() < 4) return std::nullopt;
  return message;
}

std::string bytes_of(const Message& message) {
  std::string out;
  for (const std::string& word : message.words) out += out.empty() ? word : ' ' + word;
  return out + "\r\n" + message.payload + "\r\n";
}

bool has_headers(const Message& message) { return message.words[0] == "HMSG"; }
std::size_t reply_index(const Message& message) {
  const std::size_t sizes = has_headers(message) ? 2 : 1;
  return message.words.size() == 4 + sizes ? 3 : 0;
}
std::size_t header_size(const Message& message) {
  if (!has_headers(message)) return 0;
  std::size_t size = 0;
  for (const char c : message.words[message.words.size() - 2])
    size = size * 10 + static_cast<std::size_t>(c - '0');
  return std::min(size, message.payload.size());
}
// Sets the sizes anew after the payload or its headers changed.
void set_sizes(Message& message, std::size_t headers) {
  message.words.back() = std::to_string(message.payload.size());
  if (has_headers(message)) message.words[message.words.size() - 2] = std::to_string(headers);
}

Edit replace_first(Bytes bytes, Bytes from, Bytes to) {
  const std::size_t at = bytes.find(from);
  if (at == Bytes::npos) return std::nullopt;
  return std::string(bytes.substr(0, at)) + std::string(to) + std::string(bytes.substr(at + from.size()));
}

char other_letter(char c) {
  if ((c >= 'a' && c < 'z') || (c >= 'A' && c < 'Z') || (c >= '0' && c < '9'))
    return static_cast<char>(c + 1);
  return c == 'x' ? 'y' : 'x';
}
char other_case(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter ? static_cast<char>(c ^ 0x20) : c;
}

// -ERR

std::optional<std::pair<std::size_t, std::size_t>> error_text(Bytes bytes) {
  const std::size_t open = bytes.find('\'');
  const std::size_t close = bytes.rfind('\'');
  if (open == Bytes::npos || close <= open + 1) return std::nullopt;
  return std::pair(open + 1, close);
}
Edit error_other_word(Bytes bytes, Choice choice) {
  const auto text = error_text(bytes);
  if (!text) return std::nullopt;
  std::string out(bytes);
  char& c = out[text->first + choice % (text->second - text->first)];
  c = other_letter(c);
  return out;
}
Edit error_other_case(Bytes bytes, Choice) {
  const auto text = error_text(bytes);
  if (!text) return std::nullopt;
  std::string out(bytes);
  out[text->first] = other_case(out[text->first]);
  return out == bytes ? Edit{} : Edit{out};
}
Edit error_no_quotes(Bytes bytes, Choice) {
  const auto text = error_text(bytes);
  if (!text) return std::nullopt;
  return fmt::format("-ERR {}\r\n", bytes.substr(text->first, text->second - text->first));
}
Edit error_longer(Bytes bytes, Choice) { return replace_first(bytes, "'\r\n", " (x)'\r\n"); }
Edit error_two_spaces(Bytes bytes, Choice) { return replace_first(bytes, "-ERR ", "-ERR  "); }
Edit error_another(Bytes bytes, Choice) {
  const Bytes one = "-ERR 'Unknown Protocol Operation'\r\n";
  return std::string(bytes == one ? Bytes("-ERR 'Parser Error'\r\n") : one);
}
Edit error_empty(Bytes, Choice) { return "-ERR ''\r\n"; }
Edit error_lower_op(Bytes bytes, Choice) { return replace_first(bytes, "-ERR", "-err"); }

// +OK, PING, PONG

Edit lower_ok(Bytes, Choice) { return "+ok\r\n"; }
Edit long_ok(Bytes, Choice) { return "+OK \r\n"; }
Edit pong_for_ping(Bytes, Choice) { return "PONG\r\n"; }
Edit ping_for_pong(Bytes, Choice) { return "PING\r\n"; }
Edit lower_pong(Bytes, Choice) { return "pong\r\n"; }
Edit newline_only(Bytes bytes, Choice) { return replace_first(bytes, "\r\n", "\n"); }
Edit ok_after(Bytes bytes, Choice) { return std::string(bytes) + "+OK\r\n"; }
Edit pong_after(Bytes bytes, Choice) { return std::string(bytes) + "PONG\r\n"; }
Edit error_after(Bytes bytes, Choice) { return std::string(bytes) + "-ERR 'Slow Consumer'\r\n"; }

// INFO

template <Edit (*edit)(std::string_view, std::uint64_t)>
Edit info(Bytes bytes, Choice choice) {
  const std::size_t open = bytes.find('{');
  const std::size_t close = bytes.rfind('}');
  if (open == Bytes::npos || close == Bytes::npos) return std::nullopt;
  auto changed = edit(bytes.substr(open, close + 1 - open), choice);
  if (!changed) return std::nullopt;
  return std::string(bytes.substr(0, open)) + *changed + std::string(bytes.substr(close + 1));
}
Edit info_no_space(Bytes bytes, Choice) { return replace_first(bytes, "} \r\n", "}\r\n"); }
Edit info_two_spaces(Bytes bytes, Choice) { return replace_first(bytes, "INFO {", "INFO  {"); }

// MSG and HMSG

template <void (*change)(Message&)>
Edit message(Bytes bytes, Choice) {
  auto parsed = message_of(bytes);
  if (!parsed) return std::nullopt;
  change(*parsed);
  std::string out = bytes_of(*parsed);
  return out == bytes ? Edit{} : Edit{std::move(out)};
}
void other_subject(Message& m) { m.words[1].back() = other_letter(m.words[1].back()); }
void subject_case(Message& m) { m.words[1][0] = other_case(m.words[1][0]); }
void other_sid(Message& m) { m.words[2].back() = other_letter(m.words[2].back()); }
void long_sid(Message& m) { m.words[2] += '0'; }
void other_reply(Message& m) {
  if (const std::size_t at = reply_index(m)) m.words[at].back() = other_letter(m.words[at].back());
}
void no_reply(Message& m) {
  if (const std::size_t at = reply_index(m)) m.words.erase(m.words.begin() + static_cast<std::ptrdiff_t>(at));
}
void added_reply(Message& m) {
  if (reply_index(m) == 0) m.words.insert(m.words.begin() + 3, "_INBOX.mutant");
}
void other_byte(Message& m) {
  if (m.payload.size() > header_size(m)) m.payload.back() = other_letter(m.payload.back());
}
void payload_case(Message& m) {
  if (m.payload.size() > header_size(m)) m.payload[header_size(m)] = other_case(m.payload[header_size(m)]);
}
void shorter(Message& m) {
  if (m.payload.size() <= header_size(m)) return;
  m.payload.pop_back();
  set_sizes(m, header_size(m));
}
void longer(Message& m) {
  m.payload += ' ';
  set_sizes(m, header_size(m));
}
void emptied(Message& m) {
  m.payload.resize(header_size(m));
  set_sizes(m, header_size(m));
}
void lower_op(Message& m) { m.words[0] = has_headers(m) ? "hmsg" : "msg"; }
void size_off_by_one(Message& m) { m.words.back() = std::to_string(m.payload.size() + 1); }
Edit message_two_spaces(Bytes bytes, Choice) { return replace_first(bytes, "MSG ", "MSG  "); }
Edit message_tab(Bytes bytes, Choice) { return replace_first(bytes, "MSG ", "MSG\t"); }

// Header block

void without_headers(Message& m) {
  if (!has_headers(m)) return;
  m.payload.erase(0, header_size(m));
  m.words[0] = "MSG";
  m.words.erase(m.words.end() - 2);
  m.words.back() = std::to_string(m.payload.size());
}
template <Edit (*edit)(Bytes)>
void headers(Message& m) {
  if (!has_headers(m)) return;
  const std::size_t size = header_size(m);
  const auto changed = edit(Bytes(m.payload).substr(0, size));
  if (!changed) return;
  m.payload.replace(0, size, *changed);
  set_sizes(m, changed->size());
}
Edit other_status(Bytes block) {
  if (!block.starts_with("NATS/1.0 ") || block.size() < 12) return std::nullopt;
  std::string out(block);
  out[11] = other_letter(out[11]);
  return out;
}
Edit added_description(Bytes block) { return replace_first(block, "\r\n", " Mutant\r\n"); }
Edit other_version(Bytes block) { return replace_first(block, "NATS/1.0", "NATS/1.1"); }
// The first header line: from behind the status line.
std::optional<std::pair<std::size_t, std::size_t>> first_header(Bytes block) {
  const std::size_t begin = block.find("\r\n") + 2;
  const std::size_t end = block.find("\r\n", begin);
  if (begin < 2 || end == Bytes::npos || end == begin) return std::nullopt;
  return std::pair(begin, end);
}
Edit header_case(Bytes block) {
  const auto line = first_header(block);
  if (!line) return std::nullopt;
  std::string out(block);
  out[line->first] = other_case(out[line->first]);
  return out;
}
Edit header_value(Bytes block) {
  const auto line = first_header(block);
  if (!line) return std::nullopt;
  std::string out(block);
  out[line->second - 1] = other_letter(out[line->second - 1]);
  return out;
}
Edit header_missing(Bytes block) {
  const auto line = first_header(block);
  if (!line) return std::nullopt;
  return std::string(block.substr(0, line->first)) + std::string(block.substr(line->second + 2));
}
Edit header_twice(Bytes block) {
  const auto line = first_header(block);
  if (!line) return std::nullopt;
  const std::string copy(block.substr(line->first, line->second + 2 - line->first));
  return std::string(block.substr(0, line->second + 2)) + copy + std::string(block.substr(line->second + 2));
}
Edit header_added(Bytes block) { return replace_first(block, "\r\n\r\n", "\r\nX-Mutant: 1\r\n\r\n"); }
Edit header_no_blank(Bytes block) { return replace_first(block, ": ", ":"); }

constexpr std::array table{
    // Any frame
    Mutant{"drop", "a frame does not come", "*", FrameFate::drop},
    Mutant{"repeat", "a frame comes twice", "*", FrameFate::repeat},
    Mutant{"swap", "a frame comes after the next one", "*", FrameFate::swap},
    Mutant{"delay", "a frame waits until the client speaks again", "*", FrameFate::delay},
    Mutant{"silence", "nothing more comes", "*", FrameFate::silence},
    Mutant{"early-close", "the connection is closed behind a frame", "*", FrameFate::early_close},
    Mutant{"no-close", "the connection is not closed", "*", FrameFate::no_close},
    Mutant{"ok-after", "+OK behind a frame", "*", FrameFate::change, ok_after},
    Mutant{"pong-after", "PONG behind a frame", "*", FrameFate::change, pong_after},
    Mutant{"err-after", "-ERR behind a frame", "*", FrameFate::change, error_after},
    Mutant{"newline-only", "a line ends without CR", "*", FrameFate::change, newline_only},

    // -ERR
    Mutant{"err-drop", "-ERR does not come", "-ERR", FrameFate::drop},
    Mutant{"err-repeat", "-ERR comes twice", "-ERR", FrameFate::repeat},
    Mutant{"err-letter", "another letter in the text", "-ERR", FrameFate::change, error_other_word},
    Mutant{"err-case", "the text in another case", "-ERR", FrameFate::change, error_other_case},
    Mutant{"err-no-quotes", "the text without quotes", "-ERR", FrameFate::change, error_no_quotes},
    Mutant{"err-longer", "more text", "-ERR", FrameFate::change, error_longer},
    Mutant{"err-two-spaces", "two spaces before the text", "-ERR", FrameFate::change, error_two_spaces},
    Mutant{"err-another", "another error", "-ERR", FrameFate::change, error_another},
    Mutant{"err-empty", "no text", "-ERR", FrameFate::change, error_empty},
    Mutant{"err-op-case", "-err", "-ERR", FrameFate::change, error_lower_op},

    // +OK, PING, PONG
    Mutant{"ok-drop", "+OK does not come", "+OK", FrameFate::drop},
    Mutant{"ok-repeat", "+OK comes twice", "+OK", FrameFate::repeat},
    Mutant{"ok-case", "+ok", "+OK", FrameFate::change, lower_ok},
    Mutant{"ok-space", "a space behind +OK", "+OK", FrameFate::change, long_ok},
    Mutant{"pong-drop", "PONG does not come", "PONG", FrameFate::drop},
    Mutant{"pong-repeat", "PONG comes twice", "PONG", FrameFate::repeat},
    Mutant{"pong-is-ping", "PING instead of PONG", "PONG", FrameFate::change, ping_for_pong},
    Mutant{"pong-case", "pong", "PONG", FrameFate::change, lower_pong},
    Mutant{"ping-drop", "PING does not come", "PING", FrameFate::drop},
    Mutant{"ping-is-pong", "PONG instead of PING", "PING", FrameFate::change, pong_for_ping},

    // INFO
    Mutant{"info-drop", "INFO does not come", "INFO", FrameFate::drop},
    Mutant{"info-repeat", "INFO comes twice", "INFO", FrameFate::repeat},
    Mutant{"info-no-space", "no space before CRLF", "INFO", FrameFate::change, info_no_space},
    Mutant{"info-two-spaces", "two spaces behind INFO", "INFO", FrameFate::change, info_two_spaces},
    Mutant{"info-field-missing", "a field is missing", "INFO", FrameFate::change, info<drop_member>},
    Mutant{"info-field-added", "a field more", "INFO", FrameFate::change, info<add_member>},
    Mutant{"info-order", "two fields change places", "INFO", FrameFate::change, info<swap_members>},
    Mutant{"info-key-case", "a key in another case", "INFO", FrameFate::change, info<change_key_case>},
    Mutant{"info-number", "a number is off by one", "INFO", FrameFate::change, info<add_one>},
    Mutant{"info-number-spelling", "1.0 for 1", "INFO", FrameFate::change, info<spell_number_otherwise>},
    Mutant{"info-number-type", "a number in quotes", "INFO", FrameFate::change, info<quote_number>},
    Mutant{"info-bool", "true for false", "INFO", FrameFate::change, info<flip_bool>},
    Mutant{"info-string", "a longer string", "INFO", FrameFate::change, info<change_string>},
    Mutant{"info-null", "null for a value", "INFO", FrameFate::change, info<put_null>},
    Mutant{"info-spacing", "a space behind a colon", "INFO", FrameFate::change, info<change_spacing>},

    // MSG
    Mutant{"msg-drop", "a message does not come", "MSG", FrameFate::drop},
    Mutant{"msg-repeat", "a message comes twice", "MSG", FrameFate::repeat},
    Mutant{"msg-swap", "a message comes after the next frame", "MSG", FrameFate::swap},
    Mutant{"msg-subject", "another subject", "MSG", FrameFate::change, message<other_subject>},
    Mutant{"msg-subject-case", "the subject in another case", "MSG", FrameFate::change,
           message<subject_case>},
    Mutant{"msg-sid", "another sid", "MSG", FrameFate::change, message<other_sid>},
    Mutant{"msg-sid-long", "a longer sid", "MSG", FrameFate::change, message<long_sid>},
    Mutant{"msg-reply", "another reply subject", "MSG", FrameFate::change, message<other_reply>},
    Mutant{"msg-reply-missing", "the reply subject is missing", "MSG", FrameFate::change, message<no_reply>},
    Mutant{"msg-reply-added", "a reply subject more", "MSG", FrameFate::change, message<added_reply>},
    Mutant{"msg-byte", "another byte in the payload", "MSG", FrameFate::change, message<other_byte>},
    Mutant{"msg-case", "the payload in another case", "MSG", FrameFate::change, message<payload_case>},
    Mutant{"msg-shorter", "the payload lacks its last byte", "MSG", FrameFate::change, message<shorter>},
    Mutant{"msg-longer", "the payload has a byte more", "MSG", FrameFate::change, message<longer>},
    Mutant{"msg-empty", "no payload", "MSG", FrameFate::change, message<emptied>},
    Mutant{"msg-op-case", "msg", "MSG", FrameFate::change, message<lower_op>},
    Mutant{"msg-size", "the size is off by one", "MSG", FrameFate::change, message<size_off_by_one>},
    Mutant{"msg-two-spaces", "two spaces behind MSG", "MSG", FrameFate::change, message_two_spaces},
    Mutant{"msg-tab", "a tab behind MSG", "MSG", FrameFate::change, message_tab},

    // HMSG
    Mutant{"hmsg-drop", "a message with headers does not come", "HMSG", FrameFate::drop},
    Mutant{"hmsg-is-msg", "the headers are missing", "HMSG", FrameFate::change, message<without_headers>},
    Mutant{"hmsg-status", "another status", "HMSG", FrameFate::change, message<headers<other_status>>},
    Mutant{"hmsg-description", "a description more", "HMSG", FrameFate::change,
           message<headers<added_description>>},
    Mutant{"hmsg-version", "NATS/1.1", "HMSG", FrameFate::change, message<headers<other_version>>},
    Mutant{"hmsg-header-case", "a header in another case", "HMSG", FrameFate::change,
           message<headers<header_case>>},
    Mutant{"hmsg-header-value", "another header value", "HMSG", FrameFate::change,
           message<headers<header_value>>},
    Mutant{"hmsg-header-missing", "a header is missing", "HMSG", FrameFate::change,
           message<headers<header_missing>>},
    Mutant{"hmsg-header-twice", "a header comes twice", "HMSG", FrameFate::change,
           message<headers<header_twice>>},
    Mutant{"hmsg-header-added", "a header more", "HMSG", FrameFate::change, message<headers<header_added>>},
    Mutant{"hmsg-header-blank", "no blank behind a header's colon", "HMSG", FrameFate::change,
           message<headers<header_no_blank>>},
    Mutant{"hmsg-byte", "another byte in the payload", "HMSG", FrameFate::change, message<other_byte>},
    Mutant{"hmsg-size", "the size is off by one", "HMSG", FrameFate::change, message<size_off_by_one>},
    Mutant{"hmsg-sid", "another sid", "HMSG", FrameFate::change, message<other_sid>},
};

}  // namespace

std::span<const Mutant> frame_mutants() { return table; }

}  // namespace natstwin::mutate
