#include "server/sys/real/tls/first_record.h"

#include <gtest/gtest.h>

namespace nats::sys {
namespace {

using namespace std::string_literals;

TEST(FirstRecord, IsAnsweredAsGoAnswers) {
  struct {
    std::string begin;
    std::string error;
    std::string alert;
  } rows[] = {
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"s, "", ""},
      {"CONNECT {}", "tls: first record does not look like a TLS handshake", ""},
      {"\x17\x03\x03\x00\x05hello"s, "tls: first record does not look like a TLS handshake", ""},
      {"\x16\x10\x01\x00\x05hello"s, "tls: first record does not look like a TLS handshake", ""},
      {"\x80\x2e\x01\x03\x01"s, "tls: unsupported SSLv2 handshake received", "\x15\x03\x01\x00\x02\x02\x46"s},
      {"\x16\x03\x01\x00\x00"s, "local error: tls: unexpected message", "\x15\x03\x01\x00\x02\x02\x0a"s},
      {"\x16\x03\x01\xff\xffhello", "tls: oversized record received with length 65535",
       "\x15\x03\x01\x00\x02\x02\x16"s},
      {"\x16\x03\x01\x00\x05hello"s,
       "tls: handshake message of length 6646892 bytes exceeds maximum of 65536 bytes",
       "\x15\x03\x01\x00\x02\x02\x50"s},
      {"\x15\x03\x03\x00\x02\x02\x2a"s, "remote error: tls: bad certificate", ""},
      {"\x15\x03\x03\x00\x02\x02\xee"s, "remote error: tls: alert(238)", ""},
      {"\x15\x03\x03\x00\x02\x01\x00"s, "EOF", ""},
      {"\x15\x03\x03\x00\x03\x01\x00\x00"s, "local error: tls: unexpected message",
       "\x15\x03\x01\x00\x02\x02\x0a"s},
  };
  for (const auto& row : rows) {
    FirstRecord first = look_at_first_record(row.begin);
    EXPECT_TRUE(first.complete);
    EXPECT_EQ(first.error ? first.error->detail : "", row.error);
    EXPECT_EQ(first.alert, row.alert);
  }
}

TEST(FirstRecord, IsWaitedFor) {
  std::string begin = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"s;
  for (std::size_t size = 0; size < begin.size(); ++size) {
    FirstRecord first = look_at_first_record(Bytes(begin).substr(0, size));
    EXPECT_FALSE(first.complete) << size;
    EXPECT_FALSE(first.error);
  }
  // Too short for a message's length: OpenSSL waits for the rest of that.
  EXPECT_TRUE(look_at_first_record("\x16\x03\x01\x00\x01\x01"s).complete);
}

TEST(FirstRecord, IsNamedAsNoTls) {
  EXPECT_EQ(look_at_first_record("GET / HTTP/1.1").error->code, ErrorCode::tls_not_spoken);
  EXPECT_EQ(look_at_first_record("\x16\x03\x01\xff\xff").error->code, ErrorCode::tls_failed);
}

}  // namespace
}  // namespace nats::sys
