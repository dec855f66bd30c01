#include "server/sys/real/tls/pem.h"

#include <gtest/gtest.h>

namespace nats::sys {
namespace {

std::string block(const std::string& type, const std::string& body) {
  return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
}

TEST(Pem, IsReadAsGoReadsIt) {
  struct {
    std::string text;
    std::vector<std::string> expected;  // types and contents
  } rows[] = {
      {block("A", "aGVsbG8="), {"A", "hello"}},
      {"# words\n" + block("A", "aGVs\r\nbG8=") + "more\n" + block("B C", "aGk="),
       {"A", "hello", "B C", "hi"}},
      {block("A", "Proc-Type: 4,ENCRYPTED\nDEK-Info: x\n\naGk="), {"A", "hi"}},
      {block("A", "a*Vs") + block("B", "aGk="), {"B", "hi"}},
      {block("A", "aGk") + block("B", "aGk=="), {}},
      {"x-----BEGIN A-----\naGk=\n-----END A-----\n", {}},
      {"-----BEGIN A-----\naGk=\n-----END B-----\n", {}},
      {"-----BEGIN A-----\naGk=\n", {}},
      {"-----BEGIN A", {}},
      {block("A", ""), {"A", ""}},
  };
  for (const auto& row : rows) {
    std::vector<std::string> read;
    for (const PemBlock& found : read_pem(row.text)) {
      read.push_back(found.type);
      read.push_back(found.der);
    }
    EXPECT_EQ(read, row.expected) << row.text;
  }
}

}  // namespace
}  // namespace nats::sys
