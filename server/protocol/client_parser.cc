#include "server/protocol/client_parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "server/base/check.h"
#include "server/gojson/go_quote.h"

namespace nats::protocol {
namespace {

enum class OpKind : std::uint8_t {
  plus_ok,
  minus_err,
  connect,
  hpub,
  hmsg,
  pub,
  ping,
  pong,
  sub,
  unsub,
  info
};

// `states` are the numbers the reference prints in "parser ERROR, state=N": of one letter seen, of
// two letters seen, of the white space before the argument, of the argument.
struct OpName {
  std::string_view letters;
  OpKind kind;
  int one_letter;
  int two_letters;
  int spaces;
  int argument;
  bool has_argument;
  bool needs_space;
};

constexpr std::array op_names{
    OpName{"PUB", OpKind::pub, 29, 30, 32, 33, true, true},
    OpName{"HPUB", OpKind::hpub, 18, 19, 22, 23, true, true},
    OpName{"SUB", OpKind::sub, 43, 44, 46, 47, true, true},
    OpName{"UNSUB", OpKind::unsub, 59, 60, 64, 65, true, true},
    OpName{"PING", OpKind::ping, 29, 34, 0, 0, false, false},
    OpName{"PONG", OpKind::pong, 29, 37, 0, 0, false, false},
    OpName{"CONNECT", OpKind::connect, 10, 11, 16, 17, true, false},
    OpName{"INFO", OpKind::info, 71, 72, 74, 75, true, false},
    OpName{"+OK", OpKind::plus_ok, 1, 2, 0, 0, false, false},
    OpName{"-ERR", OpKind::minus_err, 4, 5, 8, 9, true, true},
    OpName{"HMSG", OpKind::hmsg, 18, 24, 27, 28, true, true},
};

// The first so many of them are taken line by line where the line is there.
constexpr std::uint8_t whole_ops = 6;

constexpr int state_payload = 40;
constexpr int state_payload_cr = 41;
constexpr int state_payload_lf = 42;
constexpr std::size_t snippet_bytes = 32;
constexpr std::size_t crlf_bytes = 2;
constexpr std::size_t kept_payload_bytes_max = 512;
constexpr std::size_t size_digits_max = 9;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

bool starts_with_letters(std::string_view line, std::string_view letters) {
  if (line.size() < letters.size()) return false;
  for (std::size_t i = 0; i < letters.size(); ++i)
    if (upper(line[i]) != letters[i]) return false;
  return true;
}

// The op whose first `count` letters are those of `like` and whose next one is `letter`.
int find_op(std::size_t like, std::size_t count, char letter) {
  std::string_view prefix = op_names[like].letters.substr(0, count);
  for (std::size_t i = 0; i < op_names.size(); ++i) {
    std::string_view letters = op_names[i].letters;
    if (letters.size() > count && letters.substr(0, count) == prefix && letters[count] == letter)
      return static_cast<int>(i);
  }
  return -1;
}

int find_first(char letter) {
  for (std::size_t i = 0; i < op_names.size(); ++i)
    if (op_names[i].letters[0] == letter) return static_cast<int>(i);
  return -1;
}

// Splits at runs of the separators; returns how many words there are, of which the first `max` are
// in `words`.
template <std::size_t max>
std::size_t split(std::string_view text, bool also_line_ends, std::array<std::string_view, max>& words) {
  auto separates = [&](char c) { return is_space(c) || (also_line_ends && (c == '\r' || c == '\n')); };
  std::size_t count = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    while (i < text.size() && separates(text[i])) ++i;
    if (i == text.size()) break;
    std::size_t begin = i;
    while (i < text.size() && !separates(text[i])) ++i;
    if (count < max) words[count] = text.substr(begin, i - begin);
    ++count;
  }
  return count;
}

// The reference takes one byte off the end when it saw a CR anywhere behind the first byte.
std::string_view without_cr(std::string_view argument) {
  if (argument.size() > 1 && argument.substr(1).find('\r') != std::string_view::npos)
    argument.remove_suffix(1);
  return argument;
}

std::string snippet(Bytes in, std::size_t at) {
  if (at >= in.size()) return "\"\"";
  std::size_t end = at + snippet_bytes;
  if (end > in.size()) end = in.size() - 1;
  return gojson::go_quote(in.substr(at, end - at));
}

}  // namespace

std::int64_t parse_size(std::string_view text) {
  if (text.empty() || text.size() > size_digits_max) return -1;
  std::int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::size_t ClientParser::feed(Bytes in) {
  next_ = Next::go_on;
  begin_ = 0;
  std::size_t at = 0;
  while (at < in.size()) {
    if (phase_ == Phase::start && !settings.expect_connect) {
      std::size_t end = try_whole_op(in, at);
      if (next_ == Next::suspend) return end;
      if (next_ == Next::stop) return in.size();
      if (end != std::string_view::npos) {
        at = end;
        continue;
      }
    }
    if (!step(in, at)) return next_ == Next::suspend ? at : in.size();
  }
  keep_partial(in);
  return in.size();
}

// One pass over "[H]PUB subject [reply] size [size]\r\n"; whatever else there is goes the long way.
std::size_t ClientParser::try_usual_publish(Bytes in, std::size_t at) {
  const char* begin = in.data() + at;
  const char* end = in.data() + in.size();
  const char* p = begin;
  bool with_headers = *p == 'H';
  if (with_headers) ++p;
  if (end - p < 4 || std::memcmp(p, "PUB ", 4) != 0) return std::string_view::npos;
  p += 4;
  const char* argument = p;
  std::string_view words[4];
  std::size_t count = 0;
  std::size_t sizes = with_headers ? 2 : 1;
  for (;;) {
    const char* word = p;
    while (p<end&& static_cast<unsigned char>(*p)> ' ') ++p;
    if (p == word || p == end || count == 2 + sizes) return std::string_view::npos;
    words[count++] = {word, static_cast<std::size_t>(p - word)};
    if (*p != ' ') break;
    ++p;
  }
  if (end - p < 2 || p[0] != '\r' || p[1] != '\n' || count < 1 + sizes) return std::string_view::npos;
  if (p - argument > settings.max_control_line) return std::string_view::npos;
  std::int64_t size = parse_size(words[count - 1]);
  std::int64_t header_size = with_headers ? parse_size(words[count - 2]) : -1;
  if (size < 0 || (with_headers && (header_size < 0 || header_size > size))) return std::string_view::npos;
  line_.subject = words[0];
  line_.reply = count == 2 + sizes ? words[1] : std::string_view();
  line_.size_text = words[count - 1];
  line_.header_size_text = with_headers ? words[count - 2] : std::string_view();
  line_.size = size;
  line_.header_size = header_size;
  op_ = with_headers ? 1 : 0;
  letters_ = static_cast<std::uint8_t>(op_names[op_].letters.size());
  phase_ = Phase::payload;
  std::size_t line_end = static_cast<std::size_t>(p + 1 - in.data());
  begin_ = line_end + 1;
  return check_line() ? take_payload(in, line_end) : line_end + 1;
}

// With the payload in hand the publish is done with; without it the machine waits for the rest.
std::size_t ClientParser::take_payload(Bytes in, std::size_t line_end) {
  std::size_t need = static_cast<std::size_t>(line_.size) + crlf_bytes;
  const char* end = in.data() + begin_ + need;
  if (in.size() - begin_ < need || end[-2] != '\r' || end[-1] != '\n') return line_end + 1;
  end_of_payload(in, begin_ + need - 1);
  return begin_ + need;
}

std::size_t ClientParser::try_whole_op(Bytes in, std::size_t at) {
  if ((in[at] == 'P' || (in[at] == 'H' && settings.headers)) && !settings.trace_ops) {
    std::size_t end = try_usual_publish(in, at);
    if (end != std::string_view::npos) return end;
  }
  const char* begin = in.data() + at;
  const char* line_feed = static_cast<const char*>(std::memchr(begin, '\n', in.size() - at));
  if (!line_feed) return std::string_view::npos;
  std::size_t line_end = static_cast<std::size_t>(line_feed - in.data());
  std::string_view line(begin, line_end - at);
  for (std::uint8_t op = 0; op < whole_ops; ++op) {
    const OpName& name = op_names[op];
    if (!starts_with_letters(line, name.letters)) continue;
    if (!name.has_argument) {
      if (settings.trace_ops) ops_.on_trace(name.letters, {}, false);
      after(name.kind == OpKind::ping ? ops_.on_ping() : ops_.on_pong());
      return line_end + 1;
    }
    std::size_t argument = name.letters.size();
    while (argument < line.size() && is_space(line[argument])) ++argument;
    if (argument == name.letters.size() || argument == line.size()) return std::string_view::npos;
    op_ = op;
    letters_ = static_cast<std::uint8_t>(name.letters.size());
    phase_ = Phase::argument;
    std::string_view text = without_cr(line.substr(argument));
    begin_ = line_end + 1;
    if (!too_long(text.size()) && dispatch(text) && phase_ == Phase::payload)
      return take_payload(in, line_end);
    return line_end + 1;
  }
  return std::string_view::npos;
}

bool ClientParser::step(Bytes in, std::size_t& at) {
  switch (phase_) {
    case Phase::start:
      if (!step_start(in, at)) return false;
      ++at;
      return true;
    case Phase::letters:
      if (!step_letters(in, at)) return false;
      ++at;
      return true;
    case Phase::spaces:
      if (!is_space(in[at])) {
        phase_ = Phase::argument;
        begin_ = at;
        dropped_cr_ = false;
        // The reference does not look at the first byte of an argument.
      }
      ++at;
      return true;
    case Phase::argument: {
      char c = in[at];
      ++at;
      if (c == '\n') return end_of_argument(in, at - 1);
      if (c == '\r')
        dropped_cr_ = true;
      else if (argument_kept_)
        argument_.push_back(c);
      return true;
    }
    case Phase::ignore_line: {
      char c = in[at];
      ++at;
      if (c != '\n') return true;
      OpKind kind = op_names[op_].kind;
      to_start();
      if (kind == OpKind::plus_ok) return true;
      if (settings.trace_ops) ops_.on_trace(kind == OpKind::ping ? "PING" : "PONG", {}, false);
      return after(kind == OpKind::ping ? ops_.on_ping() : ops_.on_pong());
    }
    case Phase::payload:
    case Phase::payload_cr:
    case Phase::payload_lf:
      return step_payload(in, at);
  }
  return false;
}

bool ClientParser::step_start(Bytes in, std::size_t at) {
  char letter = upper(in[at]);
  if (settings.expect_connect && letter != 'C' && !after(ops_.on_op_before_connect())) return false;
  int op = find_first(letter);
  if (op < 0) return refuse(in, at);
  op_ = static_cast<std::uint8_t>(op);
  letters_ = 1;
  phase_ = Phase::letters;
  return true;
}

bool ClientParser::step_letters(Bytes in, std::size_t at) {
  const OpName* op = &op_names[op_];
  char c = in[at];
  if (letters_ == op->letters.size()) {
    if (is_space(c)) {
      if (op->needs_space) phase_ = Phase::spaces;
      return true;
    }
    if (op->needs_space) return refuse(in, at);
    phase_ = Phase::argument;
    begin_ = at;
    dropped_cr_ = false;
    return true;
  }
  int next = find_op(op_, letters_, upper(c));
  if (next < 0) return refuse(in, at);
  op_ = static_cast<std::uint8_t>(next);
  ++letters_;
  op = &op_names[op_];
  if (letters_ == op->letters.size() && !op->has_argument) phase_ = Phase::ignore_line;
  return true;
}

bool ClientParser::end_of_argument(Bytes in, std::size_t at) {
  // A copy: dispatching PUB may need argument_ again for its payload's sake.
  std::string kept;
  std::string_view argument;
  if (argument_kept_) {
    kept.swap(argument_);
    argument_kept_ = false;
    argument = kept;
  } else {
    std::size_t size = at - begin_;
    if (dropped_cr_ && size > 0) --size;
    argument = in.substr(begin_, size);
  }
  dropped_cr_ = false;
  if (too_long(argument.size())) return false;
  begin_ = at + 1;
  if (!dispatch(argument)) return false;
  // The views into `kept` end here; a payload still to come needs them.
  OpKind kind = op_names[op_].kind;
  bool publish = kind == OpKind::pub || kind == OpKind::hpub;
  if (publish && phase_ == Phase::payload && argument.data() == kept.data()) {
    argument_ = std::move(kept);
    dispatch_publish(argument_, kind == OpKind::hpub);
  }
  return true;
}

bool ClientParser::dispatch(std::string_view argument) {
  OpKind kind = op_names[op_].kind;
  if (settings.trace_ops && kind != OpKind::info && kind != OpKind::minus_err && kind != OpKind::hmsg)
    ops_.on_trace(op_names[op_].letters, argument, true);
  switch (kind) {
    case OpKind::pub:
    case OpKind::hpub:
      if (!dispatch_publish(argument, kind == OpKind::hpub)) return false;
      phase_ = Phase::payload;
      return check_line();
    case OpKind::hmsg:
      // Not a client's op, yet the reference reads it as a message without subject and payload.
      line_ = PublishLine{};
      line_.header_size = 0;
      phase_ = Phase::payload;
      return true;
    case OpKind::sub:
      return dispatch_subscribe(argument);
    case OpKind::unsub:
      return dispatch_unsubscribe(argument);
    case OpKind::connect:
      to_start();
      return after(ops_.on_connect(argument));
    case OpKind::info:
      to_start();
      return after(ops_.on_info(argument));
    case OpKind::minus_err:
      to_start();
      return after(ops_.on_error_from_client(argument));
    default:
      to_start();
      return true;
  }
}

bool ClientParser::check_line() {
  if (!settings.check_publish_line && line_.size <= settings.payload_max) return true;
  return after(ops_.on_publish_line(line_));
}

bool ClientParser::dispatch_publish(std::string_view argument, bool with_headers) {
  std::string_view name = with_headers ? "processHeaderPub" : "processPub";
  if (with_headers && !settings.headers) {
    next_ = Next::stop;
    ops_.on_malformed("message headers not supported");
    return false;
  }
  std::array<std::string_view, 4> words;
  std::size_t count = split(argument, false, words);
  std::size_t sizes = with_headers ? 2 : 1;
  if (count != 1 + sizes && count != 2 + sizes) {
    malformed(fmt::format("{} Parse Error", name), argument);
    return false;
  }
  line_ = PublishLine{};
  line_.subject = words[0];
  if (count == 2 + sizes) line_.reply = words[1];
  line_.size_text = words[count - 1];
  line_.size = parse_size(line_.size_text);
  if (with_headers) {
    line_.header_size_text = words[count - 2];
    line_.header_size = parse_size(line_.header_size_text);
    if (line_.header_size < 0)
      return malformed("processHeaderPub Bad or Missing Header Size", argument), false;
    if (line_.size < 0) return malformed("processHeaderPub Bad or Missing Total Size", argument), false;
    if (line_.header_size > line_.size)
      return malformed("processHeaderPub Header Size larger then TotalSize", argument), false;
  } else if (line_.size < 0) {
    return malformed("processPub Bad or Missing Size", argument), false;
  }
  return true;
}

bool ClientParser::dispatch_subscribe(std::string_view argument) {
  std::array<std::string_view, 3> words;
  std::size_t count = split(argument, true, words);
  if (count != 2 && count != 3) return malformed("processSub Parse Error", argument), false;
  to_start();
  bool has_queue = count == 3;
  return after(
      ops_.on_subscribe(words[0], has_queue ? words[1] : std::string_view(), has_queue, words[count - 1]));
}

bool ClientParser::dispatch_unsubscribe(std::string_view argument) {
  std::array<std::string_view, 2> words;
  std::size_t count = split(argument, true, words);
  if (count != 1 && count != 2) return malformed("processUnsub Parse Error", argument), false;
  to_start();
  return after(ops_.on_unsubscribe(words[0], count == 2 ? parse_size(words[1]) : -1));
}

bool ClientParser::step_payload(Bytes in, std::size_t& at) {
  std::size_t size = static_cast<std::size_t>(line_.size);
  if (phase_ == Phase::payload) {
    if (payload_kept_) {
      std::size_t take = std::min(size - payload_.size(), in.size() - at);
      payload_.append(in.substr(at, take));
      at += take;
      if (payload_.size() < size) return true;
    } else {
      if (in.size() - begin_ < size) {
        at = in.size();
        return true;
      }
      at = begin_ + size;
    }
    phase_ = Phase::payload_cr;
    return true;
  }
  char wanted = phase_ == Phase::payload_cr ? '\r' : '\n';
  if (in[at] != wanted) return refuse(in, at);
  if (payload_kept_) payload_.push_back(wanted);
  ++at;
  if (phase_ == Phase::payload_cr) {
    phase_ = Phase::payload_lf;
    return true;
  }
  return end_of_payload(in, at - 1);
}

bool ClientParser::end_of_payload(Bytes in, std::size_t at) {
  Publish publish;
  publish.subject = line_.subject;
  publish.reply = line_.reply;
  publish.size_text = line_.size_text;
  publish.header_size_text = line_.header_size_text;
  publish.size = line_.size;
  publish.header_size = line_.header_size;
  publish.data = payload_kept_ ? Bytes(payload_) : in.substr(begin_, at + 1 - begin_);
  Next next = ops_.on_publish(publish);
  if (payload_kept_ || !argument_.empty())
    to_start();
  else
    phase_ = Phase::start;
  return after(next);
}

// What the next read must find: the argument or payload so far, and the words of a PUB whose
// payload is still to come.
void ClientParser::keep_partial(Bytes in) {
  if (phase_ == Phase::argument) {
    if (!argument_kept_) {
      std::size_t size = in.size() - begin_;
      if (dropped_cr_ && size > 0) --size;
      argument_.assign(in.substr(begin_, size));
      argument_kept_ = true;
    }
    too_long(argument_.size());
    return;
  }
  bool in_payload = phase_ == Phase::payload || phase_ == Phase::payload_cr || phase_ == Phase::payload_lf;
  if (!in_payload || payload_kept_) return;
  if (argument_.empty() && !line_.subject.empty()) {
    // From the subject to the last size the words are one stretch of the read.
    const char* end = line_.size_text.data() + line_.size_text.size();
    argument_.assign(line_.subject.data(), static_cast<std::size_t>(end - line_.subject.data()));
    dispatch_publish(argument_, op_names[op_].kind == OpKind::hpub);
  }
  payload_.reserve(static_cast<std::size_t>(line_.size) + crlf_bytes);
  payload_.assign(in.substr(begin_));
  payload_kept_ = true;
}

bool ClientParser::after(Next next) {
  next_ = next;
  return next == Next::go_on;
}

bool ClientParser::refuse(Bytes in, std::size_t at) {
  next_ = Next::stop;
  ops_.on_unknown_operation(fmt::format("Client parser ERROR, state={}, i={}: proto='{}...'",
                                        reference_state(), at, snippet(in, at)));
  return false;
}

void ClientParser::malformed(std::string_view what, std::string_view argument) {
  next_ = Next::stop;
  ops_.on_malformed(fmt::format("{}: {}", what, gojson::go_quote(argument)));
}

bool ClientParser::too_long(std::size_t argument_size) {
  if (argument_size <= static_cast<std::size_t>(settings.max_control_line)) return false;
  next_ = Next::stop;
  ops_.on_control_line_too_long();
  return true;
}

int ClientParser::reference_state() const {
  const OpName& op = op_names[op_];
  switch (phase_) {
    case Phase::start:
      return 0;
    case Phase::letters:
      return letters_ == 1 ? op.one_letter : op.two_letters + letters_ - 2;
    case Phase::spaces:
      return op.spaces;
    case Phase::argument:
      return op.argument;
    case Phase::ignore_line:
      return op.two_letters + letters_ - 2;
    case Phase::payload:
      return state_payload;
    case Phase::payload_cr:
      return state_payload_cr;
    case Phase::payload_lf:
      return state_payload_lf;
  }
  return 0;
}

void ClientParser::to_start() {
  phase_ = Phase::start;
  dropped_cr_ = false;
  // A large payload's buffer is not kept for an idle connection.
  if (payload_.capacity() > kept_payload_bytes_max)
    std::string().swap(payload_);
  else
    payload_.clear();
  payload_kept_ = false;
  argument_kept_ = false;
  argument_.clear();
}

}  // namespace nats::protocol
