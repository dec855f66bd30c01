// `server NAME [off]` and the properties below it.
#pragma once

#include "conformance/script/parser.h"

namespace natstwin::script {

Outcome parse_server_block(Parser& parser, const Cursor& at);

}  // namespace natstwin::script
