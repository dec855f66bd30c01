// The bytes a client sends, taken apart. The parser is a machine that is fed: it keeps a partial op
// between two reads and calls ClientOps for each whole one.
//
// It accepts and refuses what the reference does, byte for byte, oddities included
// (contract/protocol.json, client.parser_quirks): "\n" alone ends a line, what follows PING up to
// the "\n" is ignored, a refused byte is reported with the reference's number of the state.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "server/base/bytes.h"

namespace nats::protocol {

// A PUB or HPUB whose payload has arrived. All views die with the call.
struct Publish {
  std::string_view subject;
  std::string_view reply;             // empty: none
  std::string_view size_text;         // as the client spelled it; deliveries repeat it
  std::string_view header_size_text;  // empty for PUB
  std::int64_t size = 0;              // headers and payload
  std::int64_t header_size = -1;      // -1: PUB
  Bytes data;                         // size octets, then CRLF
};

// The arguments of PUB and HPUB before the payload is there.
struct PublishLine {
  std::string_view subject;
  std::string_view reply;
  std::string_view size_text;
  std::string_view header_size_text;
  std::int64_t size = 0;
  std::int64_t header_size = -1;
};

// What the parser does after a call.
enum class Next : std::uint8_t {
  go_on,
  suspend,  // stop before the next op; feed the rest again later
  stop,     // the connection is closing
};

// What a session does with ops. Arguments are views that die with the call.
class ClientOps {
 public:
  virtual ~ClientOps() = default;

  // The first byte of an op other than CONNECT while CONNECT is still expected.
  virtual Next on_op_before_connect() = 0;
  virtual Next on_connect(std::string_view json) = 0;
  // Before the payload; only where check_publish_line is set or the size is over payload_max.
  virtual Next on_publish_line(const PublishLine& line) = 0;
  virtual Next on_publish(const Publish& publish) = 0;
  virtual Next on_subscribe(std::string_view subject, std::string_view queue, bool has_queue,
                            std::string_view sid) = 0;
  // max is -1 without one, and where it is not a number.
  virtual Next on_unsubscribe(std::string_view sid, std::int64_t max) = 0;
  virtual Next on_ping() = 0;
  virtual Next on_pong() = 0;
  virtual Next on_info(std::string_view json) = 0;
  virtual Next on_error_from_client(std::string_view text) = 0;

  // Refusals; the parser has stopped.
  virtual void on_unknown_operation(std::string_view log_text) = 0;  // -ERR and close
  virtual void on_malformed(std::string_view log_text) = 0;          // close without -ERR
  virtual void on_control_line_too_long() = 0;

  // Only while ClientParser::trace_ops is set.
  virtual void on_trace(std::string_view op, std::string_view argument, bool has_argument) = 0;
};

// What the session may change between ops.
struct ParserSettings {
  std::int32_t max_control_line = 4096;
  bool headers = false;         // HPUB is allowed
  bool expect_connect = false;  // on_op_before_connect for anything else
  bool trace_ops = false;
  bool check_publish_line = false;
  std::int64_t payload_max = std::numeric_limits<std::int64_t>::max();
};

class ClientParser {
 public:
  explicit ClientParser(ClientOps& ops) : ops_(ops) {}

  ParserSettings settings;

  // Returns how many bytes were taken: all of them, unless an op said suspend or stop.
  std::size_t feed(Bytes in);

  // Octets kept of an op that is not complete.
  std::size_t partial_bytes() const { return argument_.size() + payload_.size(); }

 private:
  enum class Phase : std::uint8_t {
    start,
    letters,  // inside the name of an op
    spaces,   // between name and argument
    argument,
    ignore_line,  // PING, PONG, +OK up to "\n"
    payload,
    payload_cr,
    payload_lf,
  };

  // The line of an op that is wholly in `in` at `at`; npos when it needs the slow machine.
  std::size_t try_whole_op(Bytes in, std::size_t at);
  // The same for a PUB or HPUB spelled as everybody spells it; npos says nothing but that.
  std::size_t try_usual_publish(Bytes in, std::size_t at);
  std::size_t take_payload(Bytes in, std::size_t line_end);
  bool check_line();
  // One byte for the machine; false stops.
  bool step(Bytes in, std::size_t& at);
  bool step_start(Bytes in, std::size_t at);
  bool step_letters(Bytes in, std::size_t at);
  bool step_payload(Bytes in, std::size_t& at);
  void keep_partial(Bytes in);
  bool end_of_argument(Bytes in, std::size_t at);
  bool dispatch(std::string_view argument);
  bool dispatch_publish(std::string_view argument, bool with_headers);
  bool dispatch_subscribe(std::string_view argument);
  bool dispatch_unsubscribe(std::string_view argument);
  bool end_of_payload(Bytes in, std::size_t at);
  bool after(Next next);
  bool refuse(Bytes in, std::size_t at);
  void malformed(std::string_view what, std::string_view argument);
  bool too_long(std::size_t argument_size);
  int reference_state() const;
  void to_start();

  ClientOps& ops_;
  Phase phase_ = Phase::start;
  std::uint8_t op_ = 0;       // index into the table of ops
  std::uint8_t letters_ = 0;  // how many of the name have been seen
  bool dropped_cr_ = false;
  bool argument_kept_ = false;  // argument_ holds the part of earlier reads
  bool payload_kept_ = false;
  Next next_ = Next::go_on;
  std::size_t begin_ = 0;  // where the argument or payload starts in the current read
  std::string argument_;
  std::string payload_;
  PublishLine line_;
};

// Unsigned decimal; -1 where it is empty, not a number, or has more than the reference's digits.
std::int64_t parse_size(std::string_view text);

}  // namespace nats::protocol
