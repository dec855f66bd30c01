#include <gtest/gtest.h>

#include <string>

#include "conformance/script/script.h"

namespace natstwin::script {
namespace {

std::string in_area(const std::string& body) { return "scenario a/b\nserver A\n" + body; }

std::string first_problem(const std::string& text) {
  const auto parsed = parse(text, "scenarios/a/b.scn");
  if (parsed) return "none";
  return std::to_string(parsed.error().front().line) + ": " + parsed.error().front().reason;
}

TEST(Parser, KeepsStepsInTheOrderOfTheFile) {
  const auto script =
      parse(in_area("client c to A\n  recv INFO\n  send PING\nclient d to A\nc recv PONG\n"), "");
  ASSERT_TRUE(script);
  std::vector<Verb> verbs;
  for (const Statement& statement : script->statements) verbs.push_back(statement.verb);
  EXPECT_EQ(verbs, (std::vector{Verb::server_start, Verb::client_open, Verb::recv, Verb::send,
                                Verb::client_open, Verb::recv}));
  EXPECT_EQ(script->statements.back().step, 6);
  EXPECT_EQ(script->statements.back().actor, "c");
}

TEST(Parser, RowTextsMayHoldBlanks) {
  const auto script = parse("scenario a/b\nproves err:Unknown Protocol Operation  op:PUB\nserver A\n", "");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->proves, (std::vector<std::string>{"err:Unknown Protocol Operation", "op:PUB"}));
}

TEST(Parser, ConfigurationTextKeepsItsRelativeIndentationAndComments) {
  const auto script =
      parse("scenario a/b\nserver A\n  config\n    a {\n      # note\n      b: 1\n\n    }\n", "");
  ASSERT_TRUE(script);
  const auto text = expand(script->servers.front().config, nullptr);
  EXPECT_EQ(text.value(), "a {\n  # note\n  b: 1\n\n}\n");
}

TEST(Parser, PayloadsFollowPublishLines) {
  const auto script =
      parse(in_area("client c to A\n  send HPUB a * * \"NATS/1.0\\r\\n\\r\\n\" \"x\"*3 \"y\"\n"), "");
  ASSERT_TRUE(script);
  const SendForm& form = script->statements.back().form;
  EXPECT_TRUE(form.has_payload && form.has_headers);
  EXPECT_EQ(expand(form.headers, nullptr).value(), "NATS/1.0\r\n\r\n");
  EXPECT_EQ(expand(form.payload, nullptr).value(), "xxxy");
}

TEST(Parser, RepeatCountsFromOne) {
  const auto script = parse(in_area("repeat 2\n  client c${i} to A\n    recv INFO\nc2 close\n"), "");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->statements.size(), 6u);
  EXPECT_EQ(script->statements[3].actor, "c2");
}

TEST(Parser, NamedPortsAreThoseThatTextsUse) {
  const auto script = parse(
      "scenario a/b\nserver A\n  config\n    cluster.port: ${A.port.cluster}\nclient r to A.cluster\n", "");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->named_ports.at("A"), std::vector<std::string>{"cluster"});
}

struct Wrong {
  const char* text;
  const char* problem;
};

TEST(Parser, WrongScriptsAreRefusedWithLineAndReason) {
  const Wrong table[] = {
      {"server A\n", "1: a scenario begins with 'scenario area/name'"},
      {"scenario a/c\nserver A\n", "1: scenario 'a/c' must stand in a file '.../a/c.scn'"},
      {"scenario a/b\nserver A\nclient c to A\n  recv PNOG\n",
       "4: client step 'recv': unknown frame 'PNOG' for this kind of connection"},
      {"scenario a/b\nserver A\nclient c to B\n", "3: client: unknown server 'B'"},
      {"scenario a/b\nserver A\n  colour red\n", "3: unknown server property 'colour'"},
      {"scenario a/b\nserver A\nc recv PONG\n", "3: unknown statement or actor 'c'"},
      {"scenario a/b\nserver A\nlet x = ${A.prot}\n",
       "3: server 'A' has no 'prot' (port, monitor_port, port.NAME, dir, pid, url)"},
      {"scenario a/b\nserver A\nlet x = ${y}\n", "3: unknown variable '${y}'"},
      {"scenario a/b\nserver A\nlet x = ${sign:SUA:A.port}\n", "3: 'SUA' is not the seed of an nkey"},
      {"scenario a/b\nserver A\nwait 5\n",
       "3: wait: '5' is not a duration such as 50ms, 2s or 1m (at most 10m)"},
      {"scenario a/b\nserver A\nclient c to A\n  raw \"a\\q\"\n",
       "4: client step 'raw': unknown escape '\\q'"},
      {"scenario a/b\nserver A\nclient c to A.x\n", "3: no configuration uses ${A.port.x}"},
      {"scenario a/b\nserver A\nsignal A FOO\n",
       "3: signal: 'FOO' is none of HUP TERM INT QUIT USR1 USR2 KILL"},
      {"scenario a/b\n  server A\n", "2: indentation without a statement above it"},
      {"scenario a/b\nserver A\nclient c to A\nclient c to A as raw\n",
       "4: client: 'c' was opened before with another decoder"},
  };
  for (const Wrong& row : table) EXPECT_EQ(first_problem(row.text), row.problem) << row.text;
}

}  // namespace
}  // namespace natstwin::script
