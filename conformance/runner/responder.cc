#include "conformance/runner/responder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

namespace natstwin::runner {
namespace {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using X509Pointer = std::unique_ptr<X509, Free<X509_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;
using Request = std::unique_ptr<OCSP_REQUEST, Free<OCSP_REQUEST_free>>;
using Response = std::unique_ptr<OCSP_RESPONSE, Free<OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, Free<OCSP_BASICRESP_free>>;
using CertId = std::unique_ptr<OCSP_CERTID, Free<OCSP_CERTID_free>>;
using Time = std::unique_ptr<ASN1_TIME, Free<ASN1_TIME_free>>;

constexpr int tick_ms = 2;
constexpr int nonce_size_min = 16;
constexpr int nonce_sizes = 48;
constexpr int patience_ms = 5000;  // with a client that does not finish its request

template <auto read, typename T>
T read_pem(const std::string& pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return T(read(memory.get(), nullptr, nullptr, nullptr));
}

struct HttpRequest {
  std::string method;
  std::string path;
  std::string body;
};

// Nothing: more is to come.
std::optional<HttpRequest> parse_http(const std::string& text) {
  const auto head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  HttpRequest request;
  const auto space = text.find(' ');
  const auto second = text.find(' ', space + 1);
  request.method = text.substr(0, space);
  request.path = text.substr(space + 1, second - space - 1);
  std::string head = text.substr(0, head_end);
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view length_name = "\r\ncontent-length:";
  const auto length_at = head.find(length_name);
  const std::size_t length =
      length_at == std::string::npos ? 0 : std::stoul(head.substr(length_at + length_name.size()));
  if (text.size() < head_end + 4 + length) return std::nullopt;
  request.body = text.substr(head_end + 4, length);
  return request;
}

std::string from_url(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string from_base64(const std::string& text) {
  std::string out(text.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return {};
  const auto padding =
      std::ranges::count(text.substr(text.size() - std::min<std::size_t>(2, text.size())), '=');
  out.resize(static_cast<std::size_t>(size - padding));
  return out;
}

std::string http_answer(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + (status == 200 ? " OK" : " Error") +
         "\r\nContent-Type: application/ocsp-response\r\nConnection: close\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string encode(OCSP_RESPONSE* response) {
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &der);
  if (size <= 0) return {};
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string failure_answer(int status) {
  return encode(Response(OCSP_response_create(status, nullptr)).get());
}

class ThreadResponder final : public Responder {
 public:
  ThreadResponder(int listener, script::Responder wanted, const Certificates& certificates)
      : listener_(listener), wanted_(std::move(wanted)) {
    const MadeCertificate& signer = certificates.at(wanted_.signer);
    signer_ = read_pem<PEM_read_bio_X509, X509Pointer>(signer.certificate);
    key_ = read_pem<PEM_read_bio_PrivateKey, Key>(signer.key);
    for (const auto& [name, made] : certificates)
      known_.emplace_back(name, read_pem<PEM_read_bio_X509, X509Pointer>(made.certificate));
    thread_ = std::thread([this] { serve(); });
  }

  ~ThreadResponder() override {
    stopping_ = true;
    thread_.join();
    close(listener_);
  }

  void set_answer(const std::string& certificate, const std::string& answer) override {
    const std::lock_guard lock(mutex_);
    answers_[certificate] = answer;
  }

  std::vector<std::string> take_asked() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, {});
  }

 private:
  void serve() {
    while (!stopping_) {
      pollfd listening{listener_, POLLIN, 0};
      if (poll(&listening, 1, tick_ms) <= 0) continue;
      const int peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) continue;
      serve_one(peer);
      close(peer);
    }
  }

  void serve_one(int peer) {
    std::string text;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
    while (!stopping_ && std::chrono::steady_clock::now() < deadline) {
      pollfd readable{peer, POLLIN, 0};
      if (poll(&readable, 1, tick_ms) <= 0) continue;
      std::array<char, 4096> bytes;
      const auto got = recv(peer, bytes.data(), bytes.size(), 0);
      if (got <= 0) return;
      text.append(bytes.data(), static_cast<std::size_t>(got));
      const auto request = parse_http(text);
      if (!request) continue;
      const std::string out = answer(*request);
      // Silence lasts until the client goes.
      if (out.empty()) continue;
      (void)send(peer, out.data(), out.size(), MSG_NOSIGNAL);
      shutdown(peer, SHUT_WR);
      return;
    }
  }

  std::string answer(const HttpRequest& http) {
    const bool posted = http.method == "POST";
    const std::string der = posted ? http.body : from_base64(from_url(std::string_view(http.path).substr(1)));
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const Request request(d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(der.size())));
    OCSP_ONEREQ* one = request ? OCSP_request_onereq_get0(request.get(), 0) : nullptr;
    if (one == nullptr) {
      note(http.method + " ?");
      return http_answer(400, "");
    }
    OCSP_CERTID* id = OCSP_onereq_get0_id(one);
    const std::string name = name_of(id);
    note(http.method + " " + name);
    if (!wanted_.method.empty() && wanted_.method != http.method) return http_answer(400, "");
    return answer_for(answer_of(name), id);
  }

  std::string answer_for(const std::string& answer, OCSP_CERTID* id) {
    if (answer == "http-500") return http_answer(500, "");
    if (answer == "garbage") return http_answer(200, "not an OCSP response");
    if (answer == "silence") return {};
    if (answer == "malformed") return http_answer(200, failure_answer(OCSP_RESPONSE_STATUS_MALFORMEDREQUEST));
    if (answer == "internal-error")
      return http_answer(200, failure_answer(OCSP_RESPONSE_STATUS_INTERNALERROR));
    if (answer == "try-later") return http_answer(200, failure_answer(OCSP_RESPONSE_STATUS_TRYLATER));
    if (answer == "unauthorized") return http_answer(200, failure_answer(OCSP_RESPONSE_STATUS_UNAUTHORIZED));
    int status = V_OCSP_CERTSTATUS_UNKNOWN;
    if (answer == "good" || answer == "other-serial") status = V_OCSP_CERTSTATUS_GOOD;
    if (answer == "revoked") status = V_OCSP_CERTSTATUS_REVOKED;
    const CertId copy(OCSP_CERTID_dup(id));
    if (answer == "other-serial") {
      ASN1_INTEGER* serial = nullptr;
      OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, copy.get());
      ASN1_INTEGER_set(serial, 4711);
    }
    return http_answer(200, signed_answer(status, copy.get()));
  }

  std::string signed_answer(int status, OCSP_CERTID* id) {
    const std::time_t now = std::time(nullptr) - wanted_.age_ms / 1000;
    const Time begin(ASN1_TIME_adj(nullptr, now, 0, 0));
    const Time end(wanted_.valid_ms == 0 ? nullptr
                                         : ASN1_TIME_adj(nullptr, now + wanted_.valid_ms / 1000, 0, 0));
    const Time revoked(ASN1_TIME_adj(nullptr, now, 0, 0));
    const Basic basic(OCSP_BASICRESP_new());
    // No two answers are equally long: what a server says of sizes is then not taken for a constant.
    const int filler = nonce_size_min + static_cast<int>(random_() % nonce_sizes);
    const bool is_revoked = status == V_OCSP_CERTSTATUS_REVOKED;
    const bool made =
        basic &&
        OCSP_basic_add1_status(basic.get(), id, status, OCSP_REVOKED_STATUS_UNSPECIFIED,
                               is_revoked ? revoked.get() : nullptr, begin.get(), end.get()) != nullptr &&
        OCSP_basic_add1_nonce(basic.get(), nullptr, filler) == 1 &&
        OCSP_basic_sign(basic.get(), signer_.get(), key_.get(), EVP_sha256(), nullptr,
                        wanted_.embeds ? 0 : OCSP_NOCERTS) == 1;
    if (!made) return failure_answer(OCSP_RESPONSE_STATUS_INTERNALERROR);
    return encode(Response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get())).get());
  }

  std::string name_of(OCSP_CERTID* id) const {
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id);
    for (const auto& [name, certificate] : known_)
      if (ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate.get()), serial) == 0) return name;
    return "?";
  }

  std::string answer_of(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(name);
    return found == answers_.end() ? "unknown" : found->second;
  }

  void note(std::string line) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(line));
  }

  const int listener_;
  const script::Responder wanted_;
  X509Pointer signer_;
  Key key_;
  std::vector<std::pair<std::string, X509Pointer>> known_;
  std::random_device random_;  // the thread's
  std::atomic<bool> stopping_ = false;
  std::thread thread_;

  std::mutex mutex_;  // of what follows
  std::map<std::string, std::string> answers_;
  std::vector<std::string> asked_;
};

// The socket, or errno.
std::expected<int, int> listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return std::unexpected(errno);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(listener, SOMAXCONN) == 0)
    return listener;
  const int reason = errno;
  close(listener);
  return std::unexpected(reason);
}

}  // namespace

std::expected<std::unique_ptr<Responder>, std::string> Responder::open(int port,
                                                                       const script::Responder& wanted,
                                                                       const Certificates& certificates) {
  auto listener = listen_on(port);
  // A process that another scenario just forks holds what was closed here until it is another program.
  constexpr int attempts = 100;
  for (int i = 0; !listener && listener.error() == EADDRINUSE && i < attempts; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    listener = listen_on(port);
  }
  if (!listener) return std::unexpected(std::string("responder: ") + std::strerror(listener.error()));
  return std::make_unique<ThreadResponder>(*listener, wanted, certificates);
}

}  // namespace natstwin::runner
