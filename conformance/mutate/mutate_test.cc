#include <gtest/gtest.h>

#include <set>

#include "conformance/mutate/frames.h"
#include "conformance/mutate/json_edit.h"
#include "conformance/mutate/mutants.h"
#include "conformance/mutate/mutating_tap.h"

namespace natstwin::mutate {

namespace {

constexpr const char* json = R"({"a":1,"b":{"c":[1,2],"d":true},"e":"x"})";

std::string through(const char* mutant, std::string_view client, std::string_view server,
                    std::uint64_t skip = 0) {
  const auto mutation = std::make_shared<Mutation>(*find_mutant(mutant), 0, skip);
  const auto tap = mutating_taps(mutation)("c1");
  if (!client.empty()) tap->on_client(client);
  std::string out;
  for (const char c : server) out += tap->on_server(std::string_view(&c, 1));  // split at every byte
  return out + tap->on_server_end();
}

constexpr const char* session = "INFO {\"a\":1} \r\nPONG\r\nMSG foo 1 5\r\nhello\r\n+OK\r\n-ERR 'No Way'\r\n";

}  // namespace

TEST(JsonEdit, ChangesOnePlaceAndNothingElse) {
  struct Case {
    const char* name;
    Edit (*edit)(std::string_view, std::uint64_t);
    std::uint64_t choice;
    const char* result;
  };
  const Case cases[] = {
      {"drop first", drop_member, 0, R"({"b":{"c":[1,2],"d":true},"e":"x"})"},
      {"drop last", drop_member, 4, R"({"a":1,"b":{"c":[1,2],"d":true}})"},
      {"add", add_member, 0, R"({"a":1,"mutant":1,"b":{"c":[1,2],"d":true},"e":"x"})"},
      {"swap", swap_members, 0, R"({"b":{"c":[1,2],"d":true},"a":1,"e":"x"})"},
      {"key case", change_key_case, 2, R"({"a":1,"b":{"C":[1,2],"d":true},"e":"x"})"},
      {"number", add_one, 0, R"({"a":2,"b":{"c":[1,2],"d":true},"e":"x"})"},
      {"spelling", spell_number_otherwise, 0, R"({"a":1.0,"b":{"c":[1,2],"d":true},"e":"x"})"},
      {"type", quote_number, 0, R"({"a":"1","b":{"c":[1,2],"d":true},"e":"x"})"},
      {"bool", flip_bool, 0, R"({"a":1,"b":{"c":[1,2],"d":false},"e":"x"})"},
      {"string", change_string, 0, R"({"a":1,"b":{"c":[1,2],"d":true},"e":"x~"})"},
      {"null", put_null, 1, R"({"a":1,"b":null,"e":"x"})"},
      {"element", drop_element, 1, R"({"a":1,"b":{"c":[1],"d":true},"e":"x"})"},
      {"first element", drop_element, 0, R"({"a":1,"b":{"c":[2],"d":true},"e":"x"})"},
      {"element twice", repeat_element, 0, R"({"a":1,"b":{"c":[1,1,2],"d":true},"e":"x"})"},
      {"spacing", change_spacing, 0, R"({"a": 1,"b":{"c":[1,2],"d":true},"e":"x"})"},
  };
  for (const Case& c : cases) EXPECT_EQ(c.edit(json, c.choice), c.result) << c.name;
}

TEST(JsonEdit, LeavesWhatIsNoJsonAlone) {
  for (const char* text : {"", "x", "{", "{\"a\"", "{\"a\":}", "[1,", "\"s\"", "{} x"}) {
    EXPECT_FALSE(drop_member(text, 0)) << text;
    EXPECT_FALSE(drop_element(text, 0)) << text;
  }
}

TEST(Mutants, HaveNamesOfTheirOwnAndAreMoreThanSixty) {
  std::set<std::string_view> names;
  for (const Mutant& mutant : mutants()) {
    EXPECT_TRUE(names.insert(mutant.name).second) << mutant.name;
    const bool edits = mutant.change != nullptr || mutant.change_http != nullptr;
    EXPECT_EQ(edits, mutant.fate == FrameFate::change) << mutant.name;
  }
  EXPECT_GE(names.size(), 60u);
}

TEST(MutatingTap, DoesOneWrongOnce) {
  struct Case {
    const char* mutant;
    std::uint64_t skip;
    const char* result;
  };
  const Case cases[] = {
      {"drop", 0, "INFO {\"a\":1} \r\nMSG foo 1 5\r\nhello\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"drop", 1, "INFO {\"a\":1} \r\nPONG\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"swap", 0, "INFO {\"a\":1} \r\nMSG foo 1 5\r\nhello\r\nPONG\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"swap", 3, session},
      {"ok-repeat", 0, "INFO {\"a\":1} \r\nPONG\r\nMSG foo 1 5\r\nhello\r\n+OK\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"err-case", 0, "INFO {\"a\":1} \r\nPONG\r\nMSG foo 1 5\r\nhello\r\n+OK\r\n-ERR 'no Way'\r\n"},
      {"info-number", 0, "INFO {\"a\":2} \r\nPONG\r\nMSG foo 1 5\r\nhello\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"info-no-space", 0, "INFO {\"a\":1}\r\nPONG\r\nMSG foo 1 5\r\nhello\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"msg-shorter", 0, "INFO {\"a\":1} \r\nPONG\r\nMSG foo 1 4\r\nhell\r\n+OK\r\n-ERR 'No Way'\r\n"},
      {"silence", 2, "INFO {\"a\":1} \r\nPONG\r\nMSG foo 1 5\r\nhello\r\n"},
      {"hmsg-status", 0, session},
  };
  for (const Case& c : cases) EXPECT_EQ(through(c.mutant, "", session, c.skip), c.result) << c.mutant;
}

TEST(MutatingTap, ADelayedFrameWaitsForTheClient) {
  const auto mutation = std::make_shared<Mutation>(*find_mutant("delay"), 0, 0);
  const auto tap = mutating_taps(mutation)("c1");
  EXPECT_EQ(tap->on_server("INFO {}\r\nPONG\r\n+OK\r\n"), "INFO {}\r\n+OK\r\n");
  EXPECT_EQ(tap->on_idle(), "");
  tap->on_client("PING\r\n");
  EXPECT_EQ(tap->on_idle(), "PONG\r\n");
  EXPECT_TRUE(mutation->applied());
}

TEST(MutatingTap, ASwapWithoutANextFrameIsNone) {
  const auto mutation = std::make_shared<Mutation>(*find_mutant("swap"), 0, 0);
  const auto tap = mutating_taps(mutation)("c1");
  EXPECT_EQ(tap->on_server("INFO {}\r\nPONG\r\n"), "INFO {}\r\n");
  EXPECT_EQ(tap->on_server_end(), "PONG\r\n");
  EXPECT_FALSE(mutation->applied());
}

TEST(MutatingTap, ChangesHeadersOfMessages) {
  EXPECT_EQ(through("hmsg-status", "", "INFO {}\r\nHMSG a 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"),
            "INFO {}\r\nHMSG a 1 16 16\r\nNATS/1.0 504\r\n\r\n\r\n");
  EXPECT_EQ(through("hmsg-header-missing", "", "INFO {}\r\nHMSG a 1 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n"),
            "INFO {}\r\nHMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n");
  EXPECT_EQ(through("hmsg-is-msg", "", "INFO {}\r\nHMSG a 1 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n"),
            "INFO {}\r\nMSG a 1 2\r\nhi\r\n");
}

TEST(MutatingTap, ChangesAnswersOverHttpAndKeepsThemWhole) {
  const std::string plain = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX: y\r\n\r\n{\"a\":1}";
  EXPECT_EQ(through("http-number-type", "GET / HTTP/1.1\r\n\r\n", plain),
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX: y\r\n\r\n{\"a\":\"1\"}");
  EXPECT_EQ(through("http-status", "GET / HTTP/1.1\r\n\r\n", plain),
            "HTTP/1.1 201 OK\r\nContent-Length: 7\r\nX: y\r\n\r\n{\"a\":1}");
  EXPECT_EQ(through("http-bool", "GET / HTTP/1.1\r\n\r\n", plain), plain);
  EXPECT_EQ(through("http-status", "HEAD / HTTP/1.1\r\n\r\n", plain), plain);
  EXPECT_EQ(
      through("http-number", "GET / HTTP/1.1\r\n\r\n",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":2}\r\n0\r\n\r\n");
}

}  // namespace natstwin::mutate
