// SPDX-License-Identifier: Apache-2.0
//
// Each row is a story: what the pump hears, in its order, and what then becomes of samples.
#include "engine/module_gate.h"

#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "base/format.h"
#include "engine/plan_table.h"

namespace kprobed::engine {
namespace {

using Pass = ModuleGate::Pass;

/// Words: L5 F5 D5 loaded, freed, doubt at 5; S5-6:1y,2n a sighting; C5 close;
/// ?1@5=open/2 probe 1's sample of time 5 passes, generation 2.
void tell(const std::string& story) {
  ModuleGate gate("m");
  std::istringstream words(story);
  for (std::string word; words >> word;) {
    SCOPED_TRACE(word);
    std::istringstream rest(word.substr(1));
    std::uint64_t time = 0;
    char separator = 0;
    if (word[0] == '?') {
      std::uint32_t probe = 0;
      std::string want;
      rest >> probe >> separator >> time >> separator >> want;
      const ModuleGate::Way way = gate.way_of(probe, time);
      const char* pass = way.pass == Pass::open ? "open" : way.pass == Pass::held ? "held" : "shut";
      EXPECT_EQ(format("{}/{}", pass, way.generation), want);
      continue;
    }
    rest >> time;
    if (word[0] == 'L') gate.loaded(time);
    if (word[0] == 'F') gate.freed(time);
    if (word[0] == 'D') gate.doubt(time);
    if (word[0] == 'C') gate.close(time);
    if (word[0] != 'S') continue;
    ModuleGate::Sighting sighting{.begin_ns = time, .end_ns = 0, .fits = {}};
    rest >> separator >> sighting.end_ns;
    std::uint32_t probe = 0;
    char fits = 0;
    while (rest >> separator >> probe >> fits) sighting.fits.emplace_back(probe, fits == 'y');
    gate.judge(sighting);
  }
}

TEST(ModuleGate, Stories) {
  const char* stories[] = {
      // Loaded when the probe was armed: nothing waits.
      "S5-5:1y ?1@6=open/1 ?2@6=held/1",
      // Armed before the module comes: its init function waits for the look, and is then given out.
      "?1@4=held/1 L5 ?1@6=held/1 S7-8:1y ?1@4=open/1 ?1@6=open/1 ?1@9=open/1",
      // Unloaded, and back: what comes after the free waits again; what came before does not.
      "S1-1:1y F10 ?1@10=open/1 ?1@11=held/2 L12 S13-14:1y ?1@11=open/2 ?1@9=open/1",
      // Back as another build, which the probe does not fit.
      "S1-1:1y F10 L12 S13-14:1n ?1@11=shut/2 ?1@20=shut/2 ?1@9=open/1",
      // A look that began before the load saw the one that is going: it says nothing.
      "S1-1:1y F10 S11-11:1y ?1@11=held/2 L12 ?1@13=held/2",
      // A look that ended after the next free says nothing either.
      "S1-1:1y F10 L12 F15 S13-16:1y ?1@13=held/2 ?1@16=held/3",
      // Come and gone unseen: discarded once nobody will look any more, and only that.
      "S1-1:1y F10 L12 F15 C14 ?1@13=held/2 C15 ?1@13=shut/2 ?1@9=open/1 ?1@16=held/3",
      // The look was taken in time but is told late.
      "S1-1:1y F10 L12 F15 L17 S13-14:1y ?1@13=open/2 ?1@18=held/3 S18-19:1y ?1@18=open/3",
      // Records were lost: held until the next look, and an older one does not count.
      "S1-1:1y D10 ?1@11=held/2 S9-9:1y ?1@11=held/2 S12-12:1y ?1@11=open/2",
      // Two probes of one module have verdicts of their own, in any order; the last word counts.
      "S1-1:2y,1n ?1@2=shut/1 ?2@2=open/1 S3-3:1y ?1@2=open/1",
      // A failed init: loaded and freed, and never seen.
      "L5 F8 C9 ?1@6=shut/1 ?1@9=held/2",
  };
  for (const char* story : stories) {
    SCOPED_TRACE(story);
    tell(story);
  }
}

TEST(ModuleGate, SaysWhetherSomebodyMustLook) {
  ModuleGate gate("m");
  EXPECT_FALSE(gate.unjudged());
  gate.judge({.begin_ns = 1, .end_ns = 1, .fits = {{1, true}}});
  // Records of modules may have been lost, and no load is told of: without a look everything would
  // be held for as long as the module stays.
  gate.doubt(10);
  EXPECT_TRUE(gate.unjudged());
  gate.judge({.begin_ns = 5, .end_ns = 6, .fits = {{1, true}}});  // of the stay before
  EXPECT_TRUE(gate.unjudged());
  gate.judge({.begin_ns = 11, .end_ns = 12, .fits = {}, .complete = false});
  EXPECT_TRUE(gate.unjudged());
  gate.judge({.begin_ns = 13, .end_ns = 14, .fits = {{1, true}}});
  EXPECT_FALSE(gate.unjudged());
  EXPECT_EQ(gate.way_of(1, 15).pass, ModuleGate::Pass::open);
}

TEST(PlanTable, KnowsTheGatesOfSilentProbes) {
  PlanTable plans;
  const auto gate = std::make_shared<ModuleGate>("m");
  plans.add_gate(gate);
  plans.add(1, std::make_shared<stream::EventPlan>(), gate);
  plans.add_gate(nullptr);
  EXPECT_EQ(plans.gates().size(), 1u);
}

TEST(ModuleGate, RemembersNoMoreStaysThanItNeeds) {
  ModuleGate gate("m");
  std::uint64_t time = 1;
  for (int i = 0; i < 1000; ++i) {
    gate.loaded(++time);
    gate.judge({.begin_ns = time, .end_ns = time, .fits = {{1, true}}});
    gate.freed(++time);
  }
  EXPECT_EQ(gate.way_of(1, time + 1).generation, 1001u);
  // Older than all it remembers: as the oldest one.
  EXPECT_EQ(gate.way_of(1, 1).pass, ModuleGate::Pass::open);
}

}  // namespace
}  // namespace kprobed::engine
