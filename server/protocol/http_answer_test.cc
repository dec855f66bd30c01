#include "server/protocol/http_answer.h"

#include <gtest/gtest.h>

namespace nats::protocol {
namespace {

struct Case {
  const char* name;
  const char* in;
  int status;
  const char* body;     // of an answer that is complete
  const char* problem;  // of one that is not
  bool closes = true;
};

constexpr Case cases[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", 200, "abc", "", false},
    {"any case", "HTTP/1.1 200 OK\r\ncontent-LENGTH:3\r\n\r\nabc", 200, "abc", "", false},
    {"until the end", "HTTP/1.0 200 OK\r\n\r\nabc", 200, "abc", ""},
    {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200,
     "abc", "", false},
    {"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n", 200, "a",
     "", false},
    {"continue first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 404, "",
     "", false},
    {"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", "", false},
    {"nothing", "", 0, "", "EOF"},
    {"half a head", "HTTP/1.1 200 OK\r\n", 0, "", "unexpected EOF"},
    {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 200, "", "unexpected EOF"},
    {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na", 200, "",
     "unexpected EOF"},
    {"no answer", "hello\r\nthere\r\n", 0, "",
     "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"hello\""},
    {"a space first", " HTTP/1.1 200 OK\r\n\r\n", 0, "",
     "net/http: HTTP/1.x transport connection broken: malformed HTTP response \" HTTP/1.1 200 OK\""},
    {"bad length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 200, "",
     "net/http: HTTP/1.x transport connection broken: bad Content-Length \"-1\""},
    {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 200, "",
     "invalid byte in chunk length"},
    {"too much", "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", 200, "", "body exceeds limit"},
};

void check(const Case& wanted, HttpAnswer& answer, HttpAnswer::State state) {
  SCOPED_TRACE(wanted.name);
  if (wanted.closes) state = answer.end();
  bool fails = wanted.problem[0] != '\0';
  EXPECT_EQ(state, fails ? HttpAnswer::State::failed : HttpAnswer::State::done);
  EXPECT_EQ(answer.problem(), wanted.problem);
  if (!fails) {
    EXPECT_EQ(answer.status(), wanted.status);
    EXPECT_EQ(answer.take_body(), wanted.body);
  }
}

TEST(HttpAnswer, ReadsWhatServersSay) {
  for (const Case& wanted : cases) {
    HttpAnswer answer;
    check(wanted, answer, answer.feed(wanted.in));
  }
}

TEST(HttpAnswer, PiecesMakeNoDifference) {
  for (const Case& wanted : cases) {
    HttpAnswer answer;
    HttpAnswer::State state = HttpAnswer::State::more;
    for (const char* at = wanted.in; *at != '\0'; ++at) state = answer.feed({at, 1});
    check(wanted, answer, state);
  }
}

TEST(HttpAnswer, SaysWhereItWentTo) {
  HttpAnswer answer;
  answer.feed("HTTP/1.1 302 Found\r\nLocation: http://b/c\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer.location(), "http://b/c");
}

TEST(HttpAnswer, AHeadWithoutEndFails) {
  HttpAnswer answer;
  std::string line = "X: " + std::string(1000, 'y') + "\r\n";
  HttpAnswer::State state = answer.feed("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 100 && state == HttpAnswer::State::more; ++i) state = answer.feed(line);
  EXPECT_EQ(state, HttpAnswer::State::failed);
}

}  // namespace
}  // namespace nats::protocol
