#include "tools/load/frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace natstwin::load {
namespace {

std::string shown(const Frame& frame) {
  switch (frame.kind) {
    case FrameKind::info:
      return "INFO " + std::string(frame.text);
    case FrameKind::err:
      return "-ERR " + std::string(frame.text);
    case FrameKind::ping:
      return "PING";
    case FrameKind::pong:
      return "PONG";
    case FrameKind::ok:
      return "+OK";
    case FrameKind::msg:
      break;
  }
  return std::string(frame.subject) + "|" + std::to_string(frame.sid) + "|" + std::string(frame.reply) + "|" +
         std::string(frame.headers) + "|" + std::string(frame.payload);
}

// Everything in `bytes`, fed in pieces that end at `cut` and at the end.
std::vector<std::string> frames_of(std::string_view bytes, std::size_t cut) {
  std::vector<std::string> frames;
  FrameScanner scanner;
  std::string buffer;
  for (const std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    buffer += piece;
    std::string_view in = buffer;
    Frame frame;
    Scan scan;
    while ((scan = scanner.next(in, frame)) == Scan::frame) frames.push_back(shown(frame));
    if (scan == Scan::malformed) frames.emplace_back("malformed");
    buffer = std::string(in);
  }
  if (!buffer.empty()) frames.push_back("left " + std::to_string(buffer.size()));
  return frames;
}

constexpr std::string_view session =
    "INFO {\"a\":1}\r\nPING\r\nPONG\r\n+OK\r\n-ERR 'Stale Connection'\r\n"
    "MSG a.b 7 2\r\nhi\r\nMSG a.b 7 2\r\nho\r\nMSG a.b 7 reply.1 0\r\n\r\nMSG  c   8  4\r\n\r\n\r\n\r\n"
    "HMSG h 9 12 14\r\nNATS/1.0\r\n\r\nok\r\nHMSG h 9 r 12 12\r\nNATS/1.0\r\n\r\n\r\n";

const std::vector<std::string> session_frames = {"INFO {\"a\":1}",
                                                 "PING",
                                                 "PONG",
                                                 "+OK",
                                                 "-ERR 'Stale Connection'",
                                                 "a.b|7|||hi",
                                                 "a.b|7|||ho",
                                                 "a.b|7|reply.1||",
                                                 "c|8|||\r\n\r\n",
                                                 "h|9||NATS/1.0\r\n\r\n|ok",
                                                 "h|9|r|NATS/1.0\r\n\r\n|"};

TEST(FrameScanner, GivesTheSameFramesWhereverTheInputIsCut) {
  for (std::size_t cut = 0; cut <= session.size(); ++cut)
    EXPECT_EQ(frames_of(session, cut), session_frames) << "cut at " << cut;
}

TEST(FrameScanner, RefusesWhatNoServerSends) {
  const std::string_view inputs[] = {
      "HELLO\r\n",
      "MSG a 1\r\n",
      "MSG a x 1\r\n1\r\n",
      "MSG a 1 r 2 3 4\r\n",
      "MSG a 1 -1\r\n",
      "MSG a 1 99999999999999999999999\r\n",
      "MSG a 1 2\r\nhi!!",
      "HMSG a 1 5 4\r\n1234\r\n",
      "HMSG a 1 4\r\n1234\r\n",
      "\r\n",
  };
  for (const std::string_view input : inputs) {
    std::string_view in = input;
    Frame frame;
    EXPECT_EQ(FrameScanner().next(in, frame), Scan::malformed) << input;
    EXPECT_EQ(in, input) << "nothing is taken";
  }
}

TEST(FrameScanner, RefusesALineWithoutEnd) {
  const std::string endless(100'000, 'x');
  std::string_view in = endless;
  Frame frame;
  EXPECT_EQ(FrameScanner().next(in, frame), Scan::malformed);
}

class Repeats : public testing::Test {
 protected:
  // Scans one frame, then takes repeats.
  std::size_t repeats_in(std::string_view bytes) {
    rest = bytes;
    Frame frame;
    EXPECT_EQ(scanner.next(rest, frame), Scan::frame);
    return scanner.take_repeats(rest);
  }

  FrameScanner scanner;
  std::string_view rest;
};

TEST_F(Repeats, AreCountedUpToAnotherHeader) {
  EXPECT_EQ(repeats_in("MSG a 1 2\r\nhi\r\nMSG a 1 2\r\nho\r\nMSG a 1 2\r\nha\r\nMSG a 2 2\r\nhu\r\n"), 2U);
  EXPECT_EQ(rest, "MSG a 2 2\r\nhu\r\n");
}

TEST_F(Repeats, LeaveAnUnfinishedMessage) {
  EXPECT_EQ(repeats_in("MSG a 1 2\r\nhi\r\nMSG a 1 2\r\nho\r\nMSG a 1 2\r\nha\r"), 1U);
  EXPECT_EQ(rest, "MSG a 1 2\r\nha\r");
}

TEST_F(Repeats, LeaveAMessageWhosePayloadDoesNotEndWhereItShould) {
  EXPECT_EQ(repeats_in("MSG a 1 2\r\nhi\r\nMSG a 1 2\r\nho!!"), 0U);
  Frame frame;
  EXPECT_EQ(scanner.next(rest, frame), Scan::malformed);
}

TEST_F(Repeats, ThereAreNoneOfMessagesWithReply) {
  EXPECT_EQ(repeats_in("MSG a 1 r 2\r\nhi\r\nMSG a 1 r 2\r\nho\r\n"), 0U);
}

TEST_F(Repeats, ThereAreNoneAfterAMessageWithHeaders) {
  EXPECT_EQ(repeats_in("MSG a 1 0\r\n\r\n"), 0U);
  EXPECT_EQ(repeats_in("HMSG a 1 12 12\r\nNATS/1.0\r\n\r\n\r\nMSG a 1 0\r\n\r\n"), 0U);
}

}  // namespace
}  // namespace natstwin::load
