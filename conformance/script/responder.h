// The statements of OCSP responders.
#pragma once

#include "conformance/script/parser.h"

namespace natstwin::script {

Outcome parse_responder(Parser& parser, const Cursor& at);
Outcome parse_responder_stop(Parser& parser, const Cursor& at);
Outcome parse_answer(Parser& parser, const Cursor& at);
Outcome parse_asked(Parser& parser, const Cursor& at);

}  // namespace natstwin::script
