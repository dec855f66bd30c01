#include "conformance/trace/decode.h"

#include <gtest/gtest.h>

#include "conformance/trace/decode_client.h"
#include "conformance/trace/json_text.h"

namespace natstwin::trace {
namespace {

std::string show(const std::vector<Leaf>& leaves) {
  std::string text;
  for (const Leaf& leaf : leaves) text += leaf.path + "=" + leaf.value + "\n";
  return text;
}

std::string show(const std::vector<Frame>& frames) {
  std::string text;
  for (const Frame& frame : frames) text += frame.kind + "\n" + show(frame.leaves);
  return text;
}

std::vector<Frame> decode(Decoder& decoder, std::string_view bytes, std::size_t piece) {
  std::vector<Frame> frames;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    decoder.feed(bytes.substr(at, piece));
    while (auto frame = decoder.next()) frames.push_back(std::move(*frame));
  }
  for (auto& frame : decoder.finish()) frames.push_back(std::move(frame));
  return frames;
}

constexpr std::string_view stream =
    "INFO {\"server_id\":\"A\",\"max\":1e3} \r\nPING\r\n+OK\r\n"
    "MSG foo 1 5\r\nhello\r\nMSG foo 1 reply 0\r\n\r\n"
    "HMSG foo 1 17 19\r\nNATS/1.0\r\nA:b\r\n\r\nxy\r\n"
    "-ERR 'Some Text'\r\nPONG \r\nwhat\r\nMSG foo";

TEST(NatsDecoder, GivesTheSameFramesHoweverTheBytesAreSplit) {
  const std::string whole = show(decode(*make_nats_decoder(), stream, stream.size()));
  for (std::size_t piece = 1; piece < 40; ++piece)
    EXPECT_EQ(show(decode(*make_nats_decoder(), stream, piece)), whole);
}

TEST(NatsDecoder, KeepsSpellingsAndFraming) {
  EXPECT_EQ(
      show(decode(*make_nats_decoder(), stream, stream.size())),
      "INFO\njson.server_id=\"A\"\njson.max=1e3\njson#format=\"compact\"\nframing=\"INFO {} "
      "\\u000d\\u000a\"\n"
      "PING\n+OK\n"
      "MSG\nsubject=\"foo\"\nsid=\"1\"\nsize=5\npayload=\"hello\"\n"
      "MSG\nsubject=\"foo\"\nsid=\"1\"\nreply=\"reply\"\nsize=0\npayload=\"\"\n"
      "HMSG\nsubject=\"foo\"\nsid=\"1\"\nheader_size=17\nsize=19\nstatus=\"NATS/1.0\"\nheaders.A[0]=\"b\"\n"
      "payload=\"xy\"\n"
      "-ERR\ntext=\"'Some Text'\"\nRAW\nbytes=\"PONG \\u000d\\u000a\"\n"
      "RAW\nbytes=\"what\\u000d\\u000a\"\nRAW\nbytes=\"MSG foo\"\n");
}

// Every byte of a stream matters: whichever one changes, some leaf does.
TEST(NatsDecoder, LosesNoByte) {
  const std::string whole = show(decode(*make_nats_decoder(), stream, stream.size()));
  for (std::size_t at = 0; at < stream.size(); ++at) {
    std::string changed(stream);
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE(show(decode(*make_nats_decoder(), changed, changed.size())), whole) << at;
  }
}

struct JsonRow {
  const char* text;
  const char* leaves;  // nullptr: no JSON
};

TEST(Json, LeavesKeepEveryTokenAndTheStyle) {
  const JsonRow table[] = {
      {R"({"a":1,"b":{"c":[true,null]},"d":[],"e":{}})",
       "j.a=1\nj.b.c[0]=true\nj.b.c[1]=null\nj.d=[]\nj.e={}\nj#format=\"compact\"\n"},
      {"{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}",
       "j.a[0]=1\nj.a[1]=2\nj.b={}\nj#format=\"indent-2\"\n"},
      {"{\"a\":1}\n", "j.a=1\nj#format=\"compact+newline\"\n"},
      {"{ \"a\":1}", "j.a=1\nj#format=\"other\"\nj#text=\"{ \\\"a\\\":1}\"\n"},
      {R"({"a b":1,"x.y":"\u003c"})", "j[\"a\\u0020b\"]=1\nj[\"x.y\"]=\"\\u003c\"\nj#format=\"compact\"\n"},
      {R"({"a":1)", nullptr},
      {R"({"a":01})", nullptr},
      {R"({"a":1}x)", nullptr},
      {"", nullptr},
  };
  for (const JsonRow& row : table) {
    std::vector<Leaf> leaves;
    EXPECT_EQ(append_json(row.text, "j", leaves), row.leaves != nullptr) << row.text;
    EXPECT_EQ(show(leaves), row.leaves == nullptr ? "" : row.leaves) << row.text;
  }
}

TEST(Json, DepthIsBounded) {
  std::vector<Leaf> leaves;
  EXPECT_FALSE(append_json(std::string(100000, '['), "j", leaves));
}

TEST(HttpDecoder, TakesLengthChunksAndTheEndOfTheConnection) {
  const std::string_view length = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nA: b\r\n\r\n{\"a\":1}";
  const std::string_view chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  const std::string_view open = "HTTP/1.0 404 Not Found\r\n\r\nline\nend";
  EXPECT_EQ(
      show(decode(*make_http_decoder(), length, 3)),
      "HTTP\nstatus=\"HTTP/1.1 200 OK\"\nheaders.Content-Length[0]=\"7\"\nheaders.A[0]=\"b\"\njson.a=1\n"
      "json#format=\"compact\"\n");
  EXPECT_EQ(
      show(decode(*make_http_decoder(), chunked, 1)),
      "HTTP\nstatus=\"HTTP/1.1 200 OK\"\nheaders.Transfer-Encoding[0]=\"chunked\"\nbody[0]=\"abcde\"\n");
  EXPECT_EQ(show(decode(*make_http_decoder(), open, 100)),
            "HTTP\nstatus=\"HTTP/1.0 404 Not Found\"\nbody[0]=\"line\"\nbody[1]=\"end\"\n");
  EXPECT_EQ(show(decode(*make_http_decoder(), "garbage", 100)), "RAW\nbytes=\"garbage\"\n");
}

TEST(LinkDecoder, TakesOperationsBetweenServers) {
  const std::string_view bytes =
      "RS+ $G foo q 2\r\nA- ACC\r\nCONNECT {\"a\":1}\r\nRMSG $G foo 2\r\nhi\r\nHMSG $G foo 12 "
      "13\r\nNATS/1.0\r\n\r\nx\r\n"
      "LMSG foo + r q 0\r\n\r\nNOPE a\r\nMSG foo 1 1\r\nx\r\n";
  const std::string whole = show(decode(*make_link_decoder(), bytes, bytes.size()));
  EXPECT_EQ(
      whole,
      "RS+\nargs[0]=\"$G\"\nargs[1]=\"foo\"\nargs[2]=\"q\"\nargs[3]=\"2\"\n"
      "A-\nargs[0]=\"ACC\"\nCONNECT\njson.a=1\njson#format=\"compact\"\n"
      "RMSG\nargs[0]=\"$G\"\nargs[1]=\"foo\"\nargs[2]=\"2\"\npayload=\"hi\"\n"
      "HMSG\nargs[0]=\"$G\"\nargs[1]=\"foo\"\nargs[2]=\"12\"\nargs[3]=\"13\"\nstatus=\"NATS/"
      "1.0\"\npayload=\"x\"\n"
      "LMSG\nargs[0]=\"foo\"\nargs[1]=\"+\"\nargs[2]=\"r\"\nargs[3]=\"q\"\nargs[4]=\"0\"\npayload=\"\"\n"
      "RAW\nbytes=\"NOPE a\\u000d\\u000a\"\n"
      "MSG\nsubject=\"foo\"\nsid=\"1\"\nsize=1\npayload=\"x\"\n");
  for (std::size_t piece = 1; piece < 9; ++piece)
    EXPECT_EQ(show(decode(*make_link_decoder(), bytes, piece)), whole);
}

TEST(MqttDecoder, TakesPacketsHoweverTheyAreSplit) {
  constexpr char text[] =
      "\x20\x02\x01\x05\x32\x09\x00\x03"
      "a/b\x00\x07hi\x90\x04\x00\x01\x01\x80\xd0\x00\x40\x81\x00\x07\x20\x83\x00"
      "abc\x30";
  const std::string bytes(text, sizeof text - 1);
  const std::string whole = show(decode(*make_mqtt_decoder(), bytes, bytes.size()));
  EXPECT_EQ(whole,
            "CONNACK\nflags=0\nlength=2\nsession_present=1\ncode=5\n"
            "PUBLISH\nflags=2\nlength=9\ntopic=\"a/b\"\nid=7\npayload=\"hi\"\n"
            "SUBACK\nflags=0\nlength=4\nid=1\ncodes[0]=1\ncodes[1]=128\n"
            "PINGRESP\nflags=0\nlength=0\n"
            "PUBACK\nflags=0\nlength=1\nbytes=\"\\u0007\"\nhead=\"@\\u0081\\u0000\"\n"
            "CONNACK\nflags=0\nlength=3\nbytes=\"abc\"\nhead=\" \\u0083\\u0000\"\n"
            "RAW\nbytes=\"0\"\n");
  for (std::size_t piece = 1; piece < 9; ++piece)
    EXPECT_EQ(show(decode(*make_mqtt_decoder(), bytes, piece)), whole);
}

TEST(ClientOps, SeparateLinesPayloadsAndNonsense) {
  ClientOpDecoder decoder;
  std::string shown;
  const std::string_view bytes =
      "CONNECT {}\r\npub foo 5\r\nhello\r\nHPUB a 12 13\r\nNATS/1.0\r\n\r\nx\r\nNOPE\r\nSUB a  1\r\nPUB foo "
      "3\r\nab";
  for (const char byte : bytes) {
    decoder.feed({&byte, 1});
    while (const auto op = decoder.next())
      shown += "[" + op->line + "|" + op->headers + "|" + op->payload + "|" + op->raw + "]";
  }
  if (const auto rest = decoder.finish()) shown += "rest " + rest->raw;
  EXPECT_EQ(shown,
            "[CONNECT {}|||][pub foo 5||hello|][HPUB a 12 13|NATS/1.0\r\n\r\n|x|][|||NOPE\r\n][SUB a  1|||]"
            "rest PUB foo 3\r\nab");
}

}  // namespace
}  // namespace natstwin::trace
