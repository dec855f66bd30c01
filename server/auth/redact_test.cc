#include "server/auth/redact.h"

#include <gtest/gtest.h>

namespace nats::auth {
namespace {

struct Row {
  std::string_view connect;
  std::string_view shown;
};

// What the reference, started with -DV, logs of such a CONNECT.
TEST(Redact, HidesWhatTheReferenceHides) {
  const Row table[] = {
      {R"({"user":"a","pass":"a"})", R"({"user":"a","pass":"[REDACTED]"})"},
      {R"({"pass":"a","user":"a"})", R"({"pass":"[REDACTED]","user":"a"})"},
      {R"({"user":"a","pass":"a","auth_token":"tok"})",
       R"({"user":"a","pass":"[REDACTED]","auth_token":"[REDACTED]"})"},
      {R"({"user":"a","password":"a"})", R"({"user":"a","password":"[REDACTED]"})"},
      {R"({"auth_token_x":"abc","user":"a"})", R"({"auth_token_x":"[REDACTED]","user":"a"})"},
      {R"({"user": "a" , "pass" : "a b"})", R"({"user": "a" , "pass" : "[REDACTED]"})"},
      {"{\"pass\":\"a\\\"b\"}", R"({"pass":"[REDACTED]"b"})"},
      {R"({"pass":"a,b"})", R"({"pass":"[REDACTED],b"})"},
      {R"({"pass":"a}b"})", R"({"pass":"[REDACTED]}b"})"},
      {R"({"pass":""})", R"({"pass":"[REDACTED]"})"},
      {R"({"pass":null})", R"({"pass":[REDACTED]})"},
      {R"({"pass":123})", R"({"pass":[REDACTED]})"},
      {"{pass:abc}", "{pass:[REDACTED]}"},
      {"pass = abc", "pass = [REDACTED]"},
      {R"({"sig":"S","nkey":"N","proxy_sig":"P"})",
       R"({"sig":"[REDACTED]","nkey":"[REDACTED]","proxy_sig":"[REDACTED]"})"},
      {R"({"jwt":"J","sig":"S"})", R"({"jwt":"J","sig":"[REDACTED]"})"},
      {R"({"xsig":"S"})", R"({"xsig":"S"})"},
      {R"({"_sig":"x"})", R"({"_sig":"x"})"},
      {R"({"a sig":"x"})", R"({"a sig":"[REDACTED]"})"},
      {R"({"signature":"x"})", R"({"signature":"x"})"},
      {R"({"sigx":"x"})", R"({"sigx":"x"})"},
      {"sig=x", "sig=[REDACTED]"},
      {"sig:x sig:y", "sig:[REDACTED]"},
      {R"({"nkey":"N","nkeys":"M"})", R"({"nkey":"[REDACTED]","nkeys":"M"})"},
      {"passpass=x:y", "passpass=[REDACTED]"},
      {R"({"user":"pass:word"})", R"({"user":"pass:[REDACTED]"})"},
      {R"({"user":"mypass","pass":"x"})", R"({"user":"mypass","pass":"[REDACTED]"})"},
      {R"({"user":"auth_token=5"})", R"({"user":"auth_token=[REDACTED]"})"},
      {R"({"pass":"[1,2]"})", R"({"pass":"[REDACTED],2]"})"},
      {R"({"pass": "x", "pass": "y", "pass":"z"})",
       R"({"pass": "[REDACTED]", "pass": "[REDACTED]", "pass":"[REDACTED]"})"},
      {R"({"PASS":"x"})", R"({"PASS":"x"})"},
      {"{\"pass\":\"a\\u0022b\"}", R"({"pass":"[REDACTED]"})"},
      {"{\"pass\"\t:\t\"x\ty\"}", "{\"pass\"\t:\t\"[REDACTED]\"}"},
      {"{\"pass\":\"\xc3\xa9\"}", R"({"pass":"[REDACTED]"})"},
      {"{\"pass\":\"\xff\"}", R"({"pass":"[REDACTED]"})"},
      {"{\"pass\xc3\xa9\":\"x\"}", "{\"pass\xc3\xa9\":\"[REDACTED]\"}"},
      {"{\"pass\xff\":\"x\"}", "{\"pass\xff\":\"[REDACTED]\"}"},
      {"{\"pa\\u0073s\":\"x\"}", "{\"pa\\u0073s\":\"x\"}"},
      {R"({"x":"sig" , "sig":"q"})", R"({"x":"sig" , "sig":"[REDACTED]"})"},
      {R"({"nkey":"", "sig":""})", R"({"nkey":"[REDACTED]", "sig":"[REDACTED]"})"},
      {R"("pass":)", R"("pass":[REDACTED])"},
      {"pass", "pass"},
      {"pass:", "pass:[REDACTED]"},
      {R"({"passphrase":{"a":"b"}})", R"({"passphrase":[REDACTED]"a":"b"}})"},
      {R"({"auth_token":["a","b"]})", R"({"auth_token":[REDACTED]"a","b"]})"},
      {R"({"pass:":"x"})", R"({"pass:"[REDACTED]"x"})"},
      {R"({"pass":x=y})", R"({"pass":[REDACTED]})"},
      {R"({"a":"b","sig": "q"})", R"({"a":"b","sig": "[REDACTED]"})"},
      {"{\"\xc3\xa9sig\":\"q\"}", "{\"\xc3\xa9sig\":\"[REDACTED]\"}"},
      {"{\"\xffsig\":\"q\"}", "{\"\xffsig\":\"[REDACTED]\"}"},
      {R"({"pass" "x":"y"})", R"({"pass" "x":"y"})"},
  };
  for (const Row& row : table) EXPECT_EQ(redact_secrets(row.connect), row.shown);
}

TEST(Redact, TakesTimeInProportionToTheLine) {
  std::string line;
  for (int i = 0; i < 100'000; ++i) line += "pass";
  EXPECT_EQ(redact_secrets(line), line);
}

}  // namespace
}  // namespace nats::auth
