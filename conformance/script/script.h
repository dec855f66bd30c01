// A scenario after parsing: what actors do, in order. docs/scenario-language.md is the grammar.
//
// parse() finds every error before anything starts; what it returns needs no further checks but
// for the values of variables.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/script/certificate.h"
#include "conformance/script/text.h"

namespace natstwin::script {

enum class Verb {
  // servers
  server_start,
  server_stop,
  server_kill,
  server_restart,
  server_signal,
  server_reload,
  wait_log,
  wait_exit,
  set_config,
  set_flags,
  write_file,
  remove_file,
  damage_file,
  read_file,
  list_files,
  exec,
  state,
  http,
  // clients
  client_open,
  recv,
  gather,
  tally,
  quiet,
  send,
  raw,
  flood,
  split,
  pause,
  resume,
  close,
  reset,
  half_close,
  tls,
  websocket,
  let_frame,
  // others
  let_text,
  timeout,
  wait,
  tool,
  tool_start,
  tool_wait,
  tool_stop,
  tool_file,
  proxy_open,
  proxy_fault,
  responder_open,
  responder_close,
  responder_answer,
  responder_asked,
};

enum class Decoder { nats, link, http, mqtt, raw };

struct Expected {
  std::string kind;
  long count = 1;
};

// What `send` and `flood` write: a line, and for PUB and HPUB the payload that follows it.
struct SendForm {
  Template line;
  bool has_payload = false;
  bool has_headers = false;
  std::vector<Piece> headers;
  std::vector<Piece> payload;
};

struct ClientTarget {
  std::string server;  // or the name of a proxy
  std::string port;    // "" client port, "monitor", or a named port
  Decoder decoder = Decoder::nats;
  int receive_buffer = 0;
};

// One request of `http` or `state`.
struct HttpRequest {
  std::string method = "GET";
  Template target;
  std::vector<Template> headers;
  std::vector<Piece> body;
};

// Who answers what OCSP asks of the certificates of a server.
struct Responder {
  std::string signer;       // a certificate of the server
  std::string issuer;       // of those it answers for; empty: the signer
  bool embeds = false;      // its certificate comes with each answer
  long valid_ms = 3600000;  // of an answer; 0: it does not say
  long age_ms = 0;          // of an answer, as it says; negative: of the future
  std::string method;       // the only one that it takes; empty: GET and POST
};

struct Statement {
  Verb verb{};
  int line = 0;
  int step = 0;        // ordinal in the script, from 1
  std::string actor;   // server, client, tool, proxy or responder
  std::string source;  // as written, for messages and for the trace
  std::string word;    // file name, signal, fault, name of a variable
  std::string frame;   // let_frame: kind of frame
  long number = 0;     // milliseconds, bytes, repetitions
  Template text;
  std::vector<Template> words;
  std::vector<Piece> pieces;
  std::vector<Expected> expected;
  std::vector<HttpRequest> requests;
  SendForm form;
  ClientTarget target;
  Responder responder;
};

struct File {
  std::string name;
  std::vector<Piece> text;
};

struct ServerDecl {
  std::string name;
  int line = 0;
  bool starts = true;
  bool monitor = true;
  bool defaults = true;
  bool has_config = false;
  std::vector<Piece> config;
  std::vector<Template> flags;
  std::vector<File> files;
  std::vector<std::string> fixtures;  // paths below scenarios/fixtures
  std::vector<Certificate> certificates;
  std::vector<std::pair<std::string, Template>> environment;
};

struct Script {
  std::string name;  // area/name
  std::string path;
  std::string hash;  // "sha256:..." of the file
  std::vector<std::string> proves;
  std::vector<std::string> notes;
  std::vector<std::string> tags;
  std::vector<std::string> needs;
  std::vector<ServerDecl> servers;
  std::vector<Statement> statements;
  std::map<std::string, std::vector<std::string>> named_ports;  // by server

  const ServerDecl* server(std::string_view server_name) const;
  bool has_tag(std::string_view tag) const;
};

struct Problem {
  int line = 0;
  std::string reason;
};

std::expected<Script, std::vector<Problem>> parse(std::string_view text, std::string_view path);
std::expected<Script, std::vector<Problem>> load(const std::string& path);

std::string sha256(std::string_view bytes);

// "50ms", "2s", "1m" in milliseconds.
std::expected<long, std::string> parse_duration(std::string_view text);

}  // namespace natstwin::script
