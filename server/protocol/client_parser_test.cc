#include "server/protocol/client_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nats::protocol {
namespace {

// Writes down what the parser says, one line for each call.
class Recorder : public ClientOps {
 public:
  std::string said;
  Next answer = Next::go_on;

  Next on_op_before_connect() override { return say("before-connect"); }
  Next on_connect(std::string_view json) override { return say("CONNECT " + std::string(json)); }
  Next on_publish_line(const PublishLine& line) override { return say("line " + std::string(line.subject)); }
  Next on_publish(const Publish& p) override {
    std::string text = "PUB [" + std::string(p.subject) + "] [" + std::string(p.reply) + "] ";
    if (p.header_size >= 0) text += std::string(p.header_size_text) + "+";
    return say(text + std::string(p.size_text) + " " + std::string(p.data.substr(0, p.data.size() - 2)));
  }
  Next on_subscribe(std::string_view subject, std::string_view queue, bool has_queue,
                    std::string_view sid) override {
    return say("SUB " + std::string(subject) + (has_queue ? " q=" + std::string(queue) : "") + " " +
               std::string(sid));
  }
  Next on_unsubscribe(std::string_view sid, std::int64_t max) override {
    return say("UNSUB " + std::string(sid) + " " + std::to_string(max));
  }
  Next on_ping() override { return say("PING"); }
  Next on_pong() override { return say("PONG"); }
  Next on_info(std::string_view json) override { return say("INFO " + std::string(json)); }
  Next on_error_from_client(std::string_view text) override { return say("-ERR " + std::string(text)); }
  void on_unknown_operation(std::string_view text) override { say("unknown " + std::string(text)); }
  void on_malformed(std::string_view text) override { say("malformed " + std::string(text)); }
  void on_control_line_too_long() override { say("too long"); }
  void on_trace(std::string_view, std::string_view, bool) override {}

 private:
  Next say(const std::string& text) {
    said += text + "\n";
    return answer;
  }
};

std::string parse(const std::vector<std::string>& reads, bool headers = true, std::int32_t line_max = 4096) {
  Recorder recorder;
  ClientParser parser(recorder);
  parser.settings.headers = headers;
  parser.settings.max_control_line = line_max;
  for (const std::string& read : reads) parser.feed(read);
  return recorder.said;
}

struct Case {
  const char* input;
  const char* said;
};

// What is refused shows the reference's state and index; all of them were taken from its log.
const Case cases[] = {
    {"PUB foo 2\r\nok\r\n", "PUB [foo] [] 2 ok\n"},
    {"pub foo bar 02\r\nok\r\n", "PUB [foo] [bar] 02 ok\n"},
    {"PUB \t foo\t2\nok\r\n", "PUB [foo] [] 2 ok\n"},
    {"PUB foo 0\r\n\r\n", "PUB [foo] [] 0 \n"},
    {"HPUB foo 12 14\r\nNATS/1.0\r\n\r\nok\r\n", "PUB [foo] [] 12+14 NATS/1.0\r\n\r\nok\n"},
    {"HPUB foo r 0 2\r\nok\r\n", "PUB [foo] [r] 0+2 ok\n"},
    {"SUB foo 1\r\nSUB foo q 2\r\n", "SUB foo 1\nSUB foo q=q 2\n"},
    {"UNSUB 1\r\nUNSUB 1 5\r\nUNSUB 1 x\r\n", "UNSUB 1 -1\nUNSUB 1 5\nUNSUB 1 -1\n"},
    {"PING\r\nPING trailing words\r\nPONG\n", "PING\nPING\nPONG\n"},
    {"CONNECT {}\r\nconnect {\"a\":1}\n", "CONNECT {}\nCONNECT {\"a\":1}\n"},
    {"CONNECT\r\n", "CONNECT \r\n"},
    {"INFO {}\r\n+OK\r\n-ERR 'x'\r\n", "INFO {}\n-ERR 'x'\n"},
    {"HMSG foo 1 2 3\r\n\r\nPING\r\n", "PUB [] [] + \nPING\n"},
    {"FOO\r\n", "unknown Client parser ERROR, state=0, i=0: proto='\"FOO\\r\"...'\n"},
    {"RS+ a b\r\n", "unknown Client parser ERROR, state=0, i=0: proto='\"RS+ a b\\r\"...'\n"},
    {"PIX\r\n", "unknown Client parser ERROR, state=34, i=2: proto='\"X\\r\"...'\n"},
    {"UNSUB\r\n", "unknown Client parser ERROR, state=63, i=5: proto='\"\\r\"...'\n"},
    {"PUB foo 3\r\nhello\r\n", "unknown Client parser ERROR, state=41, i=14: proto='\"lo\\r\"...'\n"},
    {"PUB foo\r\n", "malformed processPub Parse Error: \"foo\"\n"},
    {"PUB foo x\r\n", "malformed processPub Bad or Missing Size: \"foo x\"\n"},
    {"PUB foo 1234567890\r\n", "malformed processPub Bad or Missing Size: \"foo 1234567890\"\n"},
    {"HPUB foo 5 2\r\n", "malformed processHeaderPub Header Size larger then TotalSize: \"foo 5 2\"\n"},
    {"SUB a b c d\r\n", "malformed processSub Parse Error: \"a b c d\"\n"},
    {"UNSUB 1 2 3\r\n", "malformed processUnsub Parse Error: \"1 2 3\"\n"},
};

TEST(ClientParser, AnswersAsTheReference) {
  for (const Case& c : cases) EXPECT_EQ(parse({c.input}), c.said) << c.input;
}

// Where the input is cut does not matter, but for the index in the words about a refused byte.
std::string without_index(std::string text) {
  std::size_t at = text.find("i=");
  return at == std::string::npos ? text : text.substr(0, at);
}

TEST(ClientParser, AnswersTheSameWhereverTheInputIsCut) {
  for (const Case& c : cases) {
    std::string input = c.input;
    for (std::size_t cut = 1; cut < input.size(); ++cut)
      EXPECT_EQ(without_index(parse({input.substr(0, cut), input.substr(cut)})), without_index(c.said))
          << input << " cut at " << cut;
    std::vector<std::string> bytes;
    for (char byte : input) bytes.emplace_back(1, byte);
    EXPECT_EQ(without_index(parse(bytes)), without_index(c.said)) << input << " byte by byte";
  }
}

TEST(ClientParser, HeadersAreRefusedWhereTheyWereNotAgreedOn) {
  EXPECT_EQ(parse({"HPUB foo 0 2\r\nok\r\n"}, false), "malformed message headers not supported\n");
}

TEST(ClientParser, LongLinesAreRefusedBeforeTheyEnd) {
  EXPECT_EQ(parse({"SUB " + std::string(20, 'a') + " 1\r\n"}, true, 22),
            "SUB " + std::string(20, 'a') + " 1\n");
  EXPECT_EQ(parse({"SUB " + std::string(21, 'a') + " 1\r\n"}, true, 22), "too long\n");
  EXPECT_EQ(parse({"SUB " + std::string(23, 'a')}, true, 22), "too long\n");
}

TEST(ClientParser, SuspendingLeavesTheRestForLater) {
  Recorder recorder;
  ClientParser parser(recorder);
  std::string input = "PUB a 1\r\nx\r\nPUB b 1\r\ny\r\n";
  recorder.answer = Next::suspend;
  std::size_t taken = parser.feed(input);
  EXPECT_EQ(recorder.said, "PUB [a] [] 1 x\n");
  recorder.answer = Next::go_on;
  EXPECT_EQ(parser.feed(std::string_view(input).substr(taken)), input.size() - taken);
  EXPECT_EQ(recorder.said, "PUB [a] [] 1 x\nPUB [b] [] 1 y\n");
}

TEST(ClientParser, AnythingButConnectIsAnnouncedWhileConnectIsExpected) {
  Recorder recorder;
  ClientParser parser(recorder);
  parser.settings.expect_connect = true;
  parser.feed("CONNECT {}\r\n");
  EXPECT_EQ(recorder.said, "CONNECT {}\n");
  parser.feed("PING\r\n");
  EXPECT_EQ(recorder.said, "CONNECT {}\nbefore-connect\nPING\n");
}

}  // namespace
}  // namespace nats::protocol
