// What the server itself listens to in the system account and in every account: one table
// (contract/system-subjects.json). "{id}" stands for the server's id, "{hash}" for a short hash of its
// name.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nats::system {

enum class ServiceAccount : std::uint8_t { system, every };  // every other one

struct Service {
  std::string_view subject;
  ServiceAccount account = ServiceAccount::system;
  int client_id = 1;  // of the internal client that subscribes, as the reference numbers them; 3 is $G's
};

// In the order in which the reference subscribes, which is that of the sids.
inline constexpr std::array services{
    Service{"$SYS.REQ.USER.INFO", ServiceAccount::system, 2},
    Service{"$SYS._INBOX.{hash}.*"},
    Service{"$SYS.SERVER.ACCOUNT.*.CONNS"},
    Service{"$SYS._INBOX_.{id}"},
    Service{"$SYS.REQ.ACCOUNT.NSUBS"},
    Service{"$SYS.SERVER.*.STATSZ"},
    Service{"$SYS.SERVER.*.SHUTDOWN"},
    Service{"$SYS.SERVER.*.LAMEDUCK"},
    Service{"$SYS.ACCOUNT.*.CLAIMS.UPDATE"},
    Service{"$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE"},
    Service{"$SYS.REQ.SERVER.PING"},
    Service{"$SYS.REQ.SERVER.{id}.IDZ"},
    Service{"$SYS.REQ.SERVER.PING.IDZ"},
    Service{"$SYS.REQ.SERVER.{id}.STATSZ"},
    Service{"$SYS.REQ.SERVER.PING.STATSZ"},
    Service{"$SYS.REQ.SERVER.{id}.LEAFZ"},
    Service{"$SYS.REQ.SERVER.PING.LEAFZ"},
    Service{"$SYS.REQ.SERVER.{id}.IPQUEUESZ"},
    Service{"$SYS.REQ.SERVER.PING.IPQUEUESZ"},
    Service{"$SYS.REQ.SERVER.{id}.SUBSZ"},
    Service{"$SYS.REQ.SERVER.PING.SUBSZ"},
    Service{"$SYS.REQ.SERVER.{id}.CONNZ"},
    Service{"$SYS.REQ.SERVER.PING.CONNZ"},
    Service{"$SYS.REQ.SERVER.{id}.ROUTEZ"},
    Service{"$SYS.REQ.SERVER.PING.ROUTEZ"},
    Service{"$SYS.REQ.SERVER.{id}.ACCOUNTZ"},
    Service{"$SYS.REQ.SERVER.PING.ACCOUNTZ"},
    Service{"$SYS.REQ.SERVER.{id}.HEALTHZ"},
    Service{"$SYS.REQ.SERVER.PING.HEALTHZ"},
    Service{"$SYS.REQ.SERVER.{id}.EXPVARZ"},
    Service{"$SYS.REQ.SERVER.PING.EXPVARZ"},
    Service{"$SYS.REQ.SERVER.{id}.PROFILEZ"},
    Service{"$SYS.REQ.SERVER.PING.PROFILEZ"},
    Service{"$SYS.REQ.SERVER.{id}.VARZ"},
    Service{"$SYS.REQ.SERVER.PING.VARZ"},
    Service{"$SYS.REQ.SERVER.{id}.GATEWAYZ"},
    Service{"$SYS.REQ.SERVER.PING.GATEWAYZ"},
    Service{"$SYS.REQ.SERVER.{id}.JSZ"},
    Service{"$SYS.REQ.SERVER.PING.JSZ"},
    Service{"$SYS.REQ.SERVER.{id}.RAFTZ"},
    Service{"$SYS.REQ.SERVER.PING.RAFTZ"},
    Service{"$SYS.REQ.ACCOUNT.*.CONNS"},
    Service{"$SYS.REQ.ACCOUNT.*.SUBSZ"},
    Service{"$SYS.REQ.ACCOUNT.*.CONNZ"},
    Service{"$SYS.REQ.ACCOUNT.*.LEAFZ"},
    Service{"$SYS.REQ.ACCOUNT.*.JSZ"},
    Service{"$SYS.REQ.ACCOUNT.*.INFO"},
    Service{"$SYS.REQ.ACCOUNT.*.STATZ"},
    Service{"$SYS.REQ.USER.*.INFO"},
    Service{"$SYS.REQ.ACCOUNT.PING.STATZ"},
    Service{"$SYS.ACCOUNT.*.LEAFNODE.CONNECT"},
    Service{"$SYS.LATENCY.M2.{hash}"},
    Service{"$SYS.DEBUG.SUBSCRIBERS"},
    Service{"$SYS.REQ.SERVER.{id}.RELOAD"},
    Service{"$SYS.REQ.SERVER.{id}.KICK"},
    Service{"$SYS.REQ.SERVER.{id}.LDM"},
    Service{"$SYS.REQ.ACCOUNT.PING.CONNZ", ServiceAccount::every, 3},
    Service{"$SYS.REQ.SERVER.PING.CONNZ", ServiceAccount::every, 3},
    Service{"$SYS.REQ.ACCOUNT.PING.STATZ", ServiceAccount::every, 3},
    Service{"$SYS.REQ.USER.INFO", ServiceAccount::every, 3},
};

// What the system account offers to every account, itself included, and under which subject a client finds
// it there. "{account}" stands for the account's name.
struct OfferedService {
  std::string_view exported;  // "" : only another way to one above
  std::string_view response_type;
  std::string_view imported;  // the subject that a request ends up on; "" : no account imports it by itself
  std::string_view as;
  bool shares_client = false;      // the service learns who asks
  bool in_system_account = false;  // which imports few of them
};

inline constexpr std::array offered_services{
    OfferedService{"$SYS.DEBUG.SUBSCRIBERS", "Singleton", "", ""},
    OfferedService{"$SYS.REQ.USER.*.INFO", "Singleton", "$SYS.REQ.USER.{account}.INFO", "$SYS.REQ.USER.INFO",
                   true, true},
    OfferedService{"$SYS.REQ.ACCOUNT.*.CONNZ", "Streamed", "$SYS.REQ.ACCOUNT.{account}.CONNZ",
                   "$SYS.REQ.ACCOUNT.PING.CONNZ"},
    OfferedService{"$SYS.REQ.ACCOUNT.*.STATZ", "Streamed", "$SYS.REQ.ACCOUNT.{account}.STATZ",
                   "$SYS.REQ.ACCOUNT.PING.STATZ"},
    OfferedService{"", "", "$SYS.REQ.ACCOUNT.{account}.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ"},
};

}  // namespace nats::system
