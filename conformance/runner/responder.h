// An OCSP responder on 127.0.0.1: a thread that answers GET and POST for the certificates that it was told
// of.
//
// Those nobody set are unknown. What it was asked is kept until somebody takes it.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conformance/runner/certificates.h"
#include "conformance/script/script.h"

namespace natstwin::runner {

class Responder {
 public:
  using Certificates = std::map<std::string, MadeCertificate, std::less<>>;
  // `certificates` must outlive it.
  static std::expected<std::unique_ptr<Responder>, std::string> open(int port,
                                                                     const script::Responder& wanted,
                                                                     const Certificates& certificates);
  virtual ~Responder() = default;

  // "good", "revoked", "http-500" ... as the scenario language names them.
  virtual void set_answer(const std::string& certificate, const std::string& answer) = 0;
  // "POST alice", in the order in which they came.
  virtual std::vector<std::string> take_asked() = 0;
};

}  // namespace natstwin::runner
