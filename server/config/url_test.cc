#include "server/config/url.h"

#include <gtest/gtest.h>

namespace nats::config {
namespace {

TEST(Url, HasHostAndPathApart) {
  struct {
    const char* text;
    const char* scheme;
    const char* host;
    const char* path;
  } cases[] = {
      {"udp://127.0.0.1:514", "udp", "127.0.0.1:514", ""},
      {"unix:///run/log", "unix", "", "/run/log"},
      {"UNIX:/run/a%20b?c#d", "unix", "", "/run/a b"},
      {"unix://host/run/log", "unix", "host", "/run/log"},
      {"unix:log", "unix", "", ""},
      {"unix:", "unix", "", ""},
  };
  for (const auto& [text, scheme, host, path] : cases) {
    Result<Url> url = parse_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->scheme, scheme) << text;
    EXPECT_EQ(url->host, host) << text;
    EXPECT_EQ(url->path, path) << text;
  }
}

}  // namespace
}  // namespace nats::config
