#include "conformance/runner/layer.h"

#include <gtest/gtest.h>

namespace natstwin::runner {
namespace {

constexpr std::string_view upgraded = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

std::unique_ptr<ByteLayer> upgraded_layer() {
  auto layer = make_websocket_layer({"/", "h", {}, true});
  layer->begin();
  (void)layer->take_output();
  (void)layer->decode(upgraded);
  return layer;
}

TEST(WebSocketLayer, AsksForAnUpgradeAndIsReadyAfterIt) {
  const auto layer = make_websocket_layer({"/p", "h:1", {"Origin: x"}, true});
  layer->begin();
  EXPECT_TRUE(layer->take_output().starts_with("GET /p HTTP/1.1\r\nHost: h:1\r\n"));
  EXPECT_EQ(layer->decode("HTTP/1.1 101 Switching"), "");
  EXPECT_FALSE(layer->is_ready());
  EXPECT_EQ(layer->decode(std::string(" Protocols\r\n\r\n\x82\x02hi", 18)), "hi");
  EXPECT_TRUE(layer->is_ready());
}

TEST(WebSocketLayer, ARefusalIsAFailureWithTheAnswer) {
  const auto layer = make_websocket_layer({});
  layer->begin();
  (void)layer->decode("HTTP/1.1 400 Bad Request\r\nA: b\r\n\r\nwhy");
  EXPECT_FALSE(layer->is_ready());
  EXPECT_EQ(layer->failure(), "no upgrade");
  EXPECT_EQ(layer->description().back().value, "\"why\"");
}

TEST(WebSocketLayer, LengthsOfAllThreeKindsSurviveAnySplit) {
  for (const std::size_t size : {0u, 125u, 126u, 65535u, 65536u}) {
    const std::string payload(size, 'x');
    std::string frame = upgraded_layer()->encode(payload);
    const std::size_t head = size < 126 ? 2 : size <= 0xffff ? 4 : 10;
    EXPECT_EQ(frame.size(), head + 4 + size);
    // As a server sends it: no mask.
    frame.erase(head, 4);
    frame[1] = static_cast<char>(frame[1] & 0x7f);
    frame.replace(head, size, payload);
    const auto layer = upgraded_layer();
    std::string plain;
    for (std::size_t at = 0; at < frame.size(); at += 1000)
      plain += layer->decode(std::string_view(frame).substr(at, 1000));
    EXPECT_EQ(plain, payload);
  }
}

TEST(WebSocketLayer, ControlFramesAreFramesOfTheTrace) {
  const auto layer = upgraded_layer();
  EXPECT_EQ(layer->decode(std::string("\x89\x01p\x82\x01m\x88\x02\x03\xe8", 10)), "m");
  const auto frames = layer->take_frames();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].kind, "WS-PING");
  EXPECT_EQ(frames[1].kind, "WS-CLOSE");
}

TEST(TlsLayer, NonsenseFromTheServerIsAFailure) {
  auto layer = make_tls_layer({});
  ASSERT_TRUE(layer);
  (*layer)->begin();
  EXPECT_FALSE((*layer)->take_output().empty());
  EXPECT_EQ((*layer)->decode("-ERR 'no TLS here'\r\n"), "");
  EXPECT_FALSE((*layer)->is_ready());
  EXPECT_NE((*layer)->failure(), "");
  EXPECT_FALSE(make_tls_layer({"/nowhere.pem", "", "", "", ""}));
}

}  // namespace
}  // namespace natstwin::runner
