#include "server/auth/distinguished_name.h"

#include <gtest/gtest.h>

namespace nats::auth {
namespace {

std::string shown(const std::optional<Dn>& dn) {
  if (!dn) return "none";
  std::string text;
  for (const RelativeDn& name : dn->names) {
    text += "(";
    for (const DnAttribute& attribute : name) text += attribute.type + "=" + attribute.value + ";";
    text += ")";
  }
  return text;
}

TEST(Dn, IsReadAsTheReferenceReadsIt) {
  struct {
    const char* text;
    const char* expected;
  } rows[] = {
      {"CN=bob,O=Twin", "(CN=bob;)(O=Twin;)"},
      {"CN=x, OU=eng+CN=carol ,O=T", "(CN=x;)(OU=eng;CN=carol;)(O=T;)"},
      {"CN=Smith\\, John,O=\\41b", "(CN=Smith, John;)(O=Ab;)"},
      {"CN=a\\ ,O=  b  ", "(CN=a ;)(O=b;)"},
      {"CN=a=b", "(a=b;)"},
      {"", ""},
      {"CN=a,O=", "(CN=a;)"},
      {"CN=a+O=", ""},
      {"CN=#0401", "none"},
      {"bob", "none"},
      {"CN=a,bob", "none"},
      {",CN=a", "none"},
      {"CN=a\\4", "none"},
      {"CN=a\\zz", "none"},
      {"CN=a\\", "(CN=a;)"},
  };
  for (const auto& row : rows) EXPECT_EQ(shown(parse_dn(row.text)), row.expected) << row.text;
}

TEST(Dn, IsComparedWithoutTheCaseOfTypes) {
  auto dn = [](const char* text) { return *parse_dn(text); };
  EXPECT_TRUE(equal(dn("cn=a,O=b"), dn("CN=a,o=b")));
  EXPECT_FALSE(equal(dn("CN=A"), dn("CN=a")));
  EXPECT_TRUE(equal(dn("CN=a+OU=b"), dn("OU=b+CN=a")));
  EXPECT_FALSE(equal(dn("CN=a,O=b"), dn("O=b,CN=a")));
  EXPECT_TRUE(is_within(dn("CN=a,O=b"), dn("O=b,CN=a")));
  EXPECT_TRUE(is_within(dn("CN=a"), dn("O=b,CN=a")));
  EXPECT_FALSE(is_within(dn("CN=a,CN=a"), dn("O=b,CN=a")));
}

constexpr char c[] = "2.5.4.6", o[] = "2.5.4.10", ou[] = "2.5.4.11", cn[] = "2.5.4.3";
constexpr char dc[] = "0.9.2342.19200300.100.1.25", serial[] = "2.5.4.5", email[] = "1.2.840.113549.1.9.1";

TEST(Dn, OfACertificateIsTurnedRound) {
  sys::DistinguishedName subject{{{dc, "com"}}, {{dc, "example"}}, {{o, "Twin"}}, {{ou, "eng"}, {cn, "x"}}};
  EXPECT_EQ(shown(dn_of(subject)), "(CN=x;OU=eng;)(O=Twin;)(DC=example;)(DC=com;)");
  subject.push_back({{email, "a@b"}});
  EXPECT_FALSE(dn_of(subject));
}

TEST(SubjectText, IsGos) {
  struct {
    sys::DistinguishedName subject;
    const char* whole;
    const char* well_known;
  } rows[] = {
      {{{{o, "Twin"}}, {{cn, "bob"}}}, "CN=bob,O=Twin", "CN=bob,O=Twin"},
      {{{{cn, "bob"}}, {{o, "Twin"}}, {{c, "DE"}}}, "CN=bob,O=Twin,C=DE", "CN=bob,O=Twin,C=DE"},
      {{{{o, "a"}}, {{o, "b"}}, {{cn, "1"}}, {{cn, "2"}}}, "CN=2,O=a+O=b", "CN=2,O=a+O=b"},
      {{{{serial, "7"}}, {{ou, "x"}}}, "SERIALNUMBER=7,OU=x", "SERIALNUMBER=7,OU=x"},
      {{{{dc, "com"}}, {{cn, "x"}}}, "CN=x,0.9.2342.19200300.100.1.25=#1303636f6d", "CN=x"},
      {{{{email, "a@b"}}, {{cn, "x"}}}, "CN=x,1.2.840.113549.1.9.1=#0c03614062", "CN=x"},
      {{{{cn, " #a,b+\"c\\<d>;e "}}},
       "CN=\\ #a\\,b\\+\\\"c\\\\\\<d\\>\\;e\\ ",
       "CN=\\ #a\\,b\\+\\\"c\\\\\\<d\\>\\;e\\ "},
      {{{{cn, "#a"}}}, "CN=\\#a", "CN=\\#a"},
      {{}, "", ""},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(subject_text(row.subject), row.whole);
    EXPECT_EQ(well_known_text(row.subject), row.well_known);
  }
}

TEST(DomainComponents, KeepTheCertificatesOrder) {
  EXPECT_EQ(domain_components_text({{{dc, "com"}}, {{cn, "x"}}, {{dc, "example"}}}), "DC=com,DC=example");
  EXPECT_EQ(domain_components_text({{{cn, "x"}}}), "");
}

}  // namespace
}  // namespace nats::auth
