// SPDX-License-Identifier: Apache-2.0
#include "daemon/dispatch.h"

#include <memory>

#include "daemon/probe_info.h"
#include "wire/codec.h"

namespace kprobed::daemon {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

using Probes = std::vector<engine::ProbeStatus>;
using Names = std::vector<std::string>;

wire::ReplyBody names_reply(Names names) { return wire::NamesReply{.probes = std::move(names)}; }

}  // namespace

void Dispatcher::dispatch(const wire::Request& request, const Peer& peer, Done done,
                          Done progress) {
  if (closed_) return refuse(request.id, *closed_, std::move(done));
  if (const auto allowed = authorize(peer, request.body); !allowed.ok()) {
    return refuse(request.id, allowed.error(), std::move(done));
  }
  const auto handle = Overloaded{
      [&](const wire::AddRequest& add) {
        engine_.add(
            to_engine(add, peer.uid),
            answer<Probes>(request, std::move(done),
                           [](const Probes& probes) {
                             return wire::ReplyBody(wire::AddReply{.probes = to_wire(probes)});
                           }),
            teller(request, add.progress, std::move(progress)));
      },
      [&](const wire::RemoveRequest& remove) {
        engine_.remove(to_engine(remove.which),
                       answer<Names>(request, std::move(done), names_reply),
                       teller(request, remove.progress, std::move(progress)));
      },
      [&](const wire::EnableRequest& enable) {
        engine_.set_enabled(to_engine(enable.which), true,
                            answer<Names>(request, std::move(done), names_reply),
                            teller(request, enable.progress, std::move(progress)));
      },
      [&](const wire::DisableRequest& disable) {
        engine_.set_enabled(to_engine(disable.which), false,
                            answer<Names>(request, std::move(done), names_reply),
                            teller(request, disable.progress, std::move(progress)));
      },
      [&](const wire::ApplyRequest& apply) {
        engine_.apply(to_engine(apply, peer.uid),
                      answer<engine::ApplyOutcome>(request, std::move(done),
                                                   [](const engine::ApplyOutcome& outcome) {
                                                     return wire::ReplyBody(to_wire(outcome));
                                                   }),
                      teller(request, apply.progress, std::move(progress)));
      },
      [&](const wire::ListRequest&) {
        engine_.list(answer<Probes>(request, std::move(done), [](const Probes& probes) {
          return wire::ReplyBody(wire::ListReply{.probes = to_wire(probes)});
        }));
      },
      [&](const wire::CheckRequest& check) {
        engine_.check(to_engine(check, peer.uid),
                      answer<std::string>(request, std::move(done), [](std::string text) {
                        return wire::ReplyBody(wire::CheckReply{.text = std::move(text)});
                      }));
      },
      [&](const wire::StatusRequest&) {
        engine_.status(answer<engine::EngineStatus>(request, std::move(done),
                                                    [this](const engine::EngineStatus& status) {
                                                      wire::StatusReply reply = to_wire(status);
                                                      complete_(reply);
                                                      return wire::ReplyBody(std::move(reply));
                                                    }));
      },
      [&](const wire::LedgerRequest& ledger) {
        engine_.ledger({.globs = ledger.probes, .all = ledger.probes.empty()},
                       answer<engine::LedgerReport>(request, std::move(done),
                                                    [this](const engine::LedgerReport& report) {
                                                      wire::LedgerReply reply = to_wire(report);
                                                      reply.clients = clients_();
                                                      return wire::ReplyBody(std::move(reply));
                                                    }));
      },
      // Not reached: a session keeps these to itself.
      [&](const wire::SubscribeRequest&) {
        refuse(request.id, Error(ErrorCode::internal, "no session"), std::move(done));
      },
      [&](const wire::UnsubscribeRequest&) {
        refuse(request.id, Error(ErrorCode::internal, "no session"), std::move(done));
      },
  };
  std::visit(handle, request.body);
}

template <typename T, typename Encode>
engine::Answer<T> Dispatcher::answer(const wire::Request& request, Done done, Encode encode) {
  return [this, id = request.id, done = std::move(done), encode](Result<T> result) {
    // std::function wants what can be copied; the result is moved all the same.
    auto kept = std::make_shared<Result<T>>(std::move(result));
    post_([id, done, encode, kept] {
      done(kept->ok() ? wire::encode_reply(id, encode(std::move(*kept).value()))
                      : wire::encode_error(id, wire::to_wire(kept->error())));
    });
  };
}

engine::Progress Dispatcher::teller(const wire::Request& request, bool wanted, Done progress) {
  if (!wanted) return nullptr;
  return
      [this, id = request.id, progress = std::move(progress)](std::size_t done, std::size_t all) {
        post_([line = wire::encode_progress(id, {.done = done, .all = all}), progress] {
          progress(line);
        });
      };
}

void Dispatcher::refuse(const std::string& id, const Error& error, Done done) {
  post_([line = wire::encode_error(id, wire::to_wire(error)), done = std::move(done)] {
    done(line);
  });
}

}  // namespace kprobed::daemon
