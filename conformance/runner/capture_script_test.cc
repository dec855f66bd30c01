#include "conformance/runner/capture_script.h"

#include <gtest/gtest.h>

#include "conformance/script/script.h"

namespace natstwin::runner {
namespace {

using Kind = CapturedBytes::Kind;

std::string body_of(const std::vector<CapturedBytes>& captured) {
  const auto script = make_script({"captured/x", "test", ""}, captured);
  const auto parsed = script::parse(script.text, "");
  if (!parsed) return "does not parse: " + parsed.error().front().reason + "\n" + script.text;
  return script.text.substr(script.text.find("client"));
}

TEST(CaptureScript, WhatCameBackBecomesABarrierBeforeWhatWasSentNext) {
  EXPECT_EQ(body_of({{Kind::opened, 1, ""},
                     {Kind::from_server, 1, "INFO {} \r\n"},
                     {Kind::from_client, 1, "CONNECT {}\r\nSUB foo 1\r\nPUB foo 2\r\nhi\r\n"},
                     {Kind::from_server, 1, "MSG foo 1 2\r\nhi\r\nMSG foo 1 2\r\nho\r\n"},
                     {Kind::client_closed, 1, ""}}),
            "client c1 to A\n  recv INFO\n  send CONNECT {}\n  send SUB foo 1\n  send PUB foo * \"hi\"\n"
            "  recv MSG x2\n  close\n");
}

TEST(CaptureScript, ValuesOfTheServerAreFollowedThroughLaterBytes) {
  EXPECT_EQ(body_of({{Kind::opened, 1, ""},
                     {Kind::opened, 2, ""},
                     {Kind::from_server, 1, "MSG a 1 $JS.ACK.s.c.1.2.3 1\r\nx\r\n"},
                     {Kind::from_client, 2,
                      "PUB $JS.ACK.s.c.1.2.3 4\r\n+ACK\r\nPUB log 17\r\n$JS.ACK.s.c.1.2.3\r\n"}}),
            "client c1 to A\nclient c2 to A\nc1\n  recv MSG\n  let v1 = MSG.reply\nc2\n"
            "  send PUB ${v1} * \"+ACK\"\n  send PUB log * \"${v1}\"\n");
}

TEST(CaptureScript, WhatAClientSaidFirstIsNoValueOfTheServer) {
  EXPECT_EQ(body_of({{Kind::opened, 1, ""},
                     {Kind::from_client, 1, "PUB help _INBOX.abcdefgh 0\r\n\r\n"},
                     {Kind::from_server, 1, "MSG help 1 _INBOX.abcdefgh 0\r\n\r\n"},
                     {Kind::from_client, 1, "PUB _INBOX.abcdefgh 0\r\n\r\n"}}),
            "client c1 to A\n  send PUB help _INBOX.abcdefgh * \"\"\n  recv MSG\n  send PUB _INBOX.abcdefgh "
            "* \"\"\n");
}

TEST(CaptureScript, PingsOfTheServerAreLeftOutWithTheirAnswers) {
  EXPECT_EQ(body_of({{Kind::opened, 1, ""},
                     {Kind::from_server, 1, "PING\r\n"},
                     {Kind::from_client, 1, "PONG\r\nPING\r\n"},
                     {Kind::from_server, 1, "PONG\r\n"},
                     {Kind::server_closed, 1, ""}}),
            "client c1 to A\n  send PING\n  recv PONG\n  recv CLOSED\n");
}

TEST(CaptureScript, LiteralDollarsAndOddBytesSurvive) {
  EXPECT_EQ(body_of({{Kind::opened, 1, ""},
                     {Kind::from_client, 1, "SUB ${a} 1\r\nPUB b 5\r\n\"${\x01}\r\n\x02\r\n"}}),
            "client c1 to A\n  send SUB $${a} 1\n  send PUB b * \"\\\"\\${\\x01}\"\n  raw \"\\x02\\r\\n\"\n");
}

TEST(CaptureScript, LongRunsOfAByteBecomeRepetitions) {
  EXPECT_EQ(quote_pieces("ab" + std::string(20, 'c') + "d"), "\"ab\" \"c\"*20 \"d\"");
  EXPECT_EQ(quote_pieces(""), "\"\"");
}

TEST(CaptureScript, WarnsOfWhatCannotBeRepeated) {
  const auto script = make_script(
      {"captured/x", "test", "a: 1\n"},
      {{Kind::opened, 1, ""}, {Kind::from_server, 1, "INFO {\"nonce\":\"abc\",\"tls_required\":true} \r\n"}});
  EXPECT_EQ(script.warnings.size(), 2u);
  EXPECT_NE(script.text.find("server A\n  config\n    a: 1\nclient c1 to A\n"), std::string::npos);
}

}  // namespace
}  // namespace natstwin::runner
