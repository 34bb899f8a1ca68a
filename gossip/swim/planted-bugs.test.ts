import t from "tap";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bug.js";
import { TestGroup } from "./test-group.js";

type Story = (config: { readonly plantedBug?: PlantedBug }) => boolean;

const MINUTE_MS = 60_000;

/** A member stands still until it is suspected; whether nobody calls it dead in the end. */
const standsStill: Story = (config) => {
  const group = TestGroup.of(8, config);
  group.stop("m2");
  group.runUntil(() => group.toldOf("m2").length > 0, MINUTE_MS);
  group.resume("m2");
  group.run(MINUTE_MS);
  return !group.toldOf("m2").includes("dead");
};

/** What makes each bug show: true without it, false with it. */
const STORIES: Readonly<Record<PlantedBug, Story>> = {
  NoRefutation: standsStill,
  NoSuspicion: standsStill,
  IncarnationNotCompared: (config) => {
    const group = TestGroup.of(5, config);
    const suspect = { type: "suspect", name: "m1", incarnation: 0, from: "m3" } as const;
    group.say("m3", "m2", { type: "gossip", updates: [suspect] });
    group.run(5_000);
    group.told.length = 0;
    group.say("m3", "m2", { type: "gossip", updates: [suspect] });
    group.run(5_000);
    return group.told.length === 0;
  },
  EchoConfirms: (config) => {
    const group = TestGroup.of(10, config);
    group.drops = (from, to) => from === "m2" || to === "m2";
    const suspect = { type: "suspect", name: "m1", incarnation: 0, from: "m3" } as const;
    for (let times = 0; times < 5; times += 1)
      group.say("m3", "m2", { type: "gossip", updates: [suspect] });
    group.run(9_000);
    return group.state("m2", "m1") === "suspect";
  },
  HearsayIsVerdict: (config) => {
    const group = TestGroup.of(5, config);
    const update = { type: "dead", name: "m1", incarnation: 0, from: "m3" } as const;
    group.say("m3", "m2", { type: "gossip", updates: [update] });
    group.run(MINUTE_MS);
    return !group.toldOf("m1").includes("dead");
  },
  EndlessGossip: (config) => {
    const group = TestGroup.of(6, config);
    group.run(20_000);
    group.sent.length = 0;
    group.run(20_000);
    return group.sent.every(({ message }) => message.updates.length === 0);
  },
  NoIndirectProbe: (config) => {
    const group = TestGroup.of(8, config);
    group.drops = (from, to) => [from, to].every((name) => name === "m1" || name === "m2");
    group.run(MINUTE_MS);
    return group.told.length === 0;
  },
};

for (const plantedBug of PLANTED_BUGS)
  t.test(`${plantedBug} would be noticed`, (t) => {
    const story = STORIES[plantedBug];
    t.ok(story({}), "it holds");
    t.notOk(story({ plantedBug }), "and does not with the bug");
    t.end();
  });
