#include "server/app/version.h"

#ifndef NATSTWIN_GIT_COMMIT
#define NATSTWIN_GIT_COMMIT ""
#endif

namespace nats::app {

const std::string_view git_commit = NATSTWIN_GIT_COMMIT;

}  // namespace nats::app
