#include "server/protocol/proxy_header.h"

#include <gtest/gtest.h>

#include <string>

namespace nats::protocol {
namespace {

using Kind = ProxyHeader::Kind;

std::string v2(unsigned char version_and_command, unsigned char family, const std::string& addresses) {
  std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
  out += static_cast<char>(version_and_command);
  out += static_cast<char>(family);
  out += static_cast<char>(addresses.size() >> 8);
  out += static_cast<char>(addresses.size() & 0xff);
  return out + addresses;
}

const std::string inet("\xcb\x00\x71\x32\x7f\x00\x00\x01\xd4\x31\x10\x7e", 12);

TEST(ProxyHeader, ReadsLines) {
  const ProxyHeader header =
      read_proxy_header("PROXY TCP4 203.0.113.50 127.0.0.1 54321 4222\r\nCONNECT {}\r\n");
  EXPECT_EQ(header.kind, Kind::proxied);
  EXPECT_EQ(header.host, "203.0.113.50");
  EXPECT_EQ(header.port, 54321);
  EXPECT_EQ(header.size, 46u);
  EXPECT_EQ(read_proxy_header("PROXY TCP6 ::1 2001:db8::1 1 65535\r\n").host, "::1");
  EXPECT_EQ(read_proxy_header("PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n").host, "1.2.3.4");
  EXPECT_EQ(read_proxy_header("PROXY UNKNOWN\r\n").kind, Kind::local);
  EXPECT_EQ(read_proxy_header("PROXY UNKNOWN ::1 ::1 x y z\r\n").kind, Kind::local);
}

TEST(ProxyHeader, WaitsForTheWhole) {
  const std::string line = "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n";
  for (std::size_t size = 0; size < line.size(); ++size)
    EXPECT_EQ(read_proxy_header(line.substr(0, size)).kind, Kind::incomplete) << size;
  const std::string binary = v2(0x21, 0x11, inet);
  for (std::size_t size = 0; size < binary.size(); ++size)
    EXPECT_EQ(read_proxy_header(binary.substr(0, size)).kind, Kind::incomplete) << size;
  EXPECT_EQ(read_proxy_header(binary + "x").size, binary.size());
}

TEST(ProxyHeader, LeavesOthersAlone) {
  EXPECT_EQ(read_proxy_header("CONNEC").kind, Kind::absent);
  EXPECT_EQ(read_proxy_header("PROXY").kind, Kind::incomplete);
  EXPECT_EQ(read_proxy_header("PROXYX").kind, Kind::absent);
}

TEST(ProxyHeader, ReadsBinary) {
  const ProxyHeader header = read_proxy_header(v2(0x21, 0x11, inet + "extra"));
  EXPECT_EQ(header.kind, Kind::proxied);
  EXPECT_EQ(header.host, "203.0.113.50");
  EXPECT_EQ(header.port, 54321);
  EXPECT_EQ(header.size, 33u);
  const std::string v6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01" +
                         std::string(16, '\0') + std::string("\x00\x50\x00\x51", 4);
  EXPECT_EQ(read_proxy_header(v2(0x21, 0x21, v6)).host, "2001:db8::1");
  EXPECT_EQ(read_proxy_header(v2(0x21, 0x21, v6)).port, 80);
  EXPECT_EQ(read_proxy_header(v2(0x20, 0x00, "")).kind, Kind::local);
  EXPECT_EQ(read_proxy_header(v2(0x20, 0xff, "abc")).size, 19u);
  EXPECT_EQ(read_proxy_header(v2(0x21, 0x01, "abc")).kind, Kind::local);
}

TEST(ProxyHeader, SaysWhatIsWrong) {
  const auto problem = [](const std::string& in) { return read_proxy_header(in).problem; };
  const std::string invalid = "invalid PROXY protocol header: ";
  EXPECT_EQ(problem("PROXY \r\n"), invalid + "invalid v1 format");
  EXPECT_EQ(problem("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n"), invalid + "invalid v1 format");
  EXPECT_EQ(problem("PROXY TCP4 1.2.3.400 5.6.7.8 1 2\r\n"), invalid + "invalid address");
  EXPECT_EQ(problem("PROXY TCP4 ::1 ::1 1 2\r\n"), invalid + "TCP4 with IPv6 address");
  EXPECT_EQ(problem("PROXY TCP6 1.2.3.4 ::1 1 2\r\n"), invalid + "TCP6 with IPv4 address");
  EXPECT_EQ(problem("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"), invalid + "invalid protocol UDP4");
  EXPECT_EQ(problem("PROXY TCP4 1.2.3.4 1.2.3.4 x 2\r\n"),
            "invalid source port: strconv.ParseUint: parsing \"x\": invalid syntax");
  EXPECT_EQ(problem("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"),
            "invalid dest port: strconv.ParseUint: parsing \"65536\": value out of range");
  EXPECT_EQ(problem("PROXY " + std::string(101, 'x')), invalid + "v1 line too long");
  EXPECT_EQ(problem("\r\n\r\n" + std::string("\0\r\nQUIX\n", 8)), invalid + "invalid signature");
  EXPECT_EQ(problem(v2(0x11, 0x11, inet)), invalid + "invalid version 0x10");
  EXPECT_EQ(problem(v2(0x22, 0x11, inet)), "unknown PROXY protocol command: 0x02");
  EXPECT_EQ(problem(v2(0x21, 0x12, inet)),
            "unsupported PROXY protocol feature: only STREAM protocol supported");
  EXPECT_EQ(problem(v2(0x21, 0x31, inet)),
            "unsupported PROXY protocol feature: unsupported address family 0x30");
  EXPECT_EQ(problem(v2(0x21, 0x21, inet)), "IPv6 address data too short: 12 bytes");
}

TEST(ProxyHeader, SaysWhereItBrokeOff) {
  EXPECT_EQ(broken_proxy_header_text("", ""), "failed to read protocol version: EOF");
  EXPECT_EQ(broken_proxy_header_text("PRO", ""), "failed to read protocol version: unexpected EOF");
  EXPECT_EQ(broken_proxy_header_text("PROXY TCP4", ""), "failed to read v1 line: EOF");
  EXPECT_EQ(broken_proxy_header_text("PROXY TCP4", "i/o timeout"), "failed to read v1 line: i/o timeout");
  const std::string binary = v2(0x21, 0x11, inet);
  EXPECT_EQ(broken_proxy_header_text(binary.substr(0, 6), ""), "failed to read v2 signature: EOF");
  EXPECT_EQ(broken_proxy_header_text(binary.substr(0, 13), ""), "failed to read v2 header: unexpected EOF");
  EXPECT_EQ(broken_proxy_header_text(binary.substr(0, 20), ""),
            "failed to read IPv4 address data: unexpected EOF");
  EXPECT_EQ(broken_proxy_header_text(v2(0x20, 0, "abc").substr(0, 18), ""),
            "failed to discard LOCAL command address data: EOF");
}

}  // namespace
}  // namespace nats::protocol
