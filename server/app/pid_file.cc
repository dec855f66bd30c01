#include "server/app/pid_file.h"

#include <string>

#include "server/sys/files.h"

namespace nats::app {

Result<void> write_pid_file(sys::Files& files, std::string_view path, int pid) {
  return sys::write_file(files, path, std::to_string(pid), 0600);
}

}  // namespace nats::app
