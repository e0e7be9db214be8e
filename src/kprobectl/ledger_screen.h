// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "wire/messages.h"

namespace kprobed::kprobectl {

/// Where the hits of each probe have gone; a column of which nothing but 0 is to be told is left
/// out. "?": not known.
std::string ledger_screen(const wire::LedgerReply& reply);

/// The same of the log's lines and each client.
std::string client_ledgers(const std::vector<wire::ClientLedger>& clients);

}  // namespace kprobed::kprobectl
