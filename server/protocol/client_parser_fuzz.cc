// Client protocol bytes: no crash, and the same ops whatever the cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/protocol/client_parser.h"

namespace {

using nats::protocol::Next;

class Ops final : public nats::protocol::ClientOps {
 public:
  std::string said;
  bool stopped = false;

  Next on_op_before_connect() override { return Next::go_on; }
  Next on_connect(std::string_view json) override { return say('C', json); }
  Next on_publish_line(const nats::protocol::PublishLine&) override { return Next::go_on; }
  Next on_publish(const nats::protocol::Publish& p) override {
    if (p.data.size() != static_cast<std::size_t>(p.size) + 2 || p.header_size > p.size) std::abort();
    say('p', p.subject);
    say('r', p.reply);
    return say('d', p.data);
  }
  Next on_subscribe(std::string_view subject, std::string_view queue, bool, std::string_view sid) override {
    say('s', subject);
    say('q', queue);
    return say('i', sid);
  }
  Next on_unsubscribe(std::string_view sid, std::int64_t max) override {
    say('m', std::to_string(max));
    return say('u', sid);
  }
  Next on_ping() override { return say('P', ""); }
  Next on_pong() override { return say('O', ""); }
  Next on_info(std::string_view json) override { return say('I', json); }
  Next on_error_from_client(std::string_view text) override { return say('E', text); }
  void on_unknown_operation(std::string_view) override { stop('X'); }
  void on_malformed(std::string_view text) override { stop('M'), said += text; }
  void on_control_line_too_long() override { stop('L'); }
  void on_trace(std::string_view, std::string_view, bool) override {}

 private:
  Next say(char what, std::string_view text) {
    said += what;
    said += text;
    said += '\n';
    return Next::go_on;
  }
  void stop(char what) {
    if (stopped) std::abort();
    stopped = true;
    said += what;
  }
};

std::string run(std::string_view input, std::size_t step, bool headers) {
  Ops ops;
  nats::protocol::ClientParser parser(ops);
  parser.settings.headers = headers;
  parser.settings.max_control_line = 1 << 20;
  while (!input.empty() && !ops.stopped) {
    std::string_view read = input.substr(0, step);
    parser.feed(read);
    input.remove_prefix(read.size());
  }
  return ops.said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t step = 1 + data[0] % 16;
  bool headers = data[0] & 0x80;
  // A CR inside a line costs its last byte where the line is whole, and itself where it is cut: the
  // reference's oddity, so only inputs without one are compared.
  bool comparable = true;
  for (std::size_t i = 0; i < input.size(); ++i)
    if (input[i] == '\r' && (i + 1 == input.size() || input[i + 1] != '\n')) comparable = false;
  std::string whole = run(input, input.size(), headers);
  std::string cut = run(input, step, headers);
  if (comparable && whole != cut) std::abort();
  return 0;
}
