// A TLS whose OCSP answers are words, and a log that keeps its lines.
#pragma once

#include <string>
#include <vector>

#include "server/base/log.h"
#include "server/sys/tls.h"

namespace nats::auth {

// "good", "revoked", "unknown"; "good late": ended long ago; "good delegate": signed by one who may not.
// Anything else cannot be read.
class WordTls final : public sys::Tls {
 public:
  Result<void> check_pair(const sys::TlsPair&) override { return fail(ErrorCode::unsupported); }
  Result<void> check_roots(std::string_view) override { return fail(ErrorCode::unsupported); }
  Result<std::shared_ptr<const sys::TlsContext>> server_context(const sys::TlsSettings&) override {
    return fail(ErrorCode::unsupported);
  }
  std::unique_ptr<sys::TlsStream> server_stream(std::unique_ptr<sys::Stream>,
                                                std::shared_ptr<const sys::TlsContext>,
                                                sys::TlsGuard*) override {
    return nullptr;
  }
  Result<std::shared_ptr<const sys::TlsContext>> client_context(const sys::TlsSettings&) override {
    return fail(ErrorCode::unsupported);
  }
  std::unique_ptr<sys::TlsStream> client_stream(std::unique_ptr<sys::Stream>,
                                                std::shared_ptr<const sys::TlsContext>,
                                                std::string) override {
    return nullptr;
  }
  Result<std::string> ocsp_request(std::string_view certificate, std::string_view issuer) override {
    return std::string(certificate) + "?" + std::string(issuer);
  }
  Result<sys::OcspAnswer> read_ocsp_answer(std::string_view answer, std::string_view) override {
    using Status = sys::OcspAnswer::Status;
    sys::OcspAnswer out;
    out.this_update = begin;
    out.next_update = WallTime{answer.ends_with(" late") ? begin.unix_ns : INT64_MAX};
    out.delegated = answer.ends_with(" delegate");
    const std::string_view word = answer.substr(0, answer.find(' '));
    if (word == "good")
      out.status = Status::good;
    else if (word == "revoked")
      out.status = Status::revoked;
    else if (word != "unknown")
      return fail(ErrorCode::malformed, "no answer");
    return out;
  }

  WallTime begin{0};
};

class KeptLines final : public Log {
 public:
  KeptLines() { set_levels(true, false); }
  void write(LogLevel, std::string_view line) override { lines.emplace_back(line); }
  bool has(std::string_view part) const {
    for (const std::string& line : lines)
      if (line.find(part) != line.npos) return true;
    return false;
  }

  std::vector<std::string> lines;
};

}  // namespace nats::auth
