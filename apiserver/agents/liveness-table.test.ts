import t from "tap";
import { HEARTBEAT_MS, SILENCE_MS } from "../../gossip/gossip-socket.js";
import { HEARD_MS } from "./liveness-handler.js";
import { LivenessTable } from "./liveness-table.js";

t.test("transitions are told once", (t) => {
  const table = new LivenessTable(4000);
  const told: string[] = [];
  const end = table.subscribe(({ node, state }) => told.push(`${node} ${state}`));
  const at = (ms: number): { wallMs: number; monotonicMs: number } => ({
    wallMs: 1e12 + ms,
    monotonicMs: ms,
  });
  table.heard("a", at(0));
  table.heard("a", at(1000));
  for (let ms = 1000; ms <= 4750; ms += 250) table.check(ms);
  t.same(told, ["a alive"]);
  for (let ms = 5000; ms <= 6000; ms += 250) table.check(ms);
  t.same(told, ["a alive", "a dead"]);
  t.equal(table.lastHeartbeatMs("a"), 1e12 + 1000);
  table.heard("a", at(7000));
  table.left("a");
  table.left("b");
  end();
  table.heard("a", at(8000));
  t.same(told, ["a alive", "a dead", "a alive", "a left"]);
  t.same(table.list(), [{ node: "a", state: "alive", lastHeartbeatMs: 1e12 + 8000 }]);
  t.end();
});

t.test("a server that slept does not call everybody dead", (t) => {
  const table = new LivenessTable(4000);
  const told: string[] = [];
  table.subscribe(({ state }) => told.push(state));
  table.heard("a", { wallMs: 0, monotonicMs: 0 });
  table.check(250);
  table.check(30_250);
  t.same(told, ["alive"], "its heartbeats of that time are still to be read");
  for (let ms = 30_500; ms <= 35_000; ms += 250) table.check(ms);
  t.same(told, ["alive", "dead"], "but silence afterwards counts");
  t.end();
});

t.test("nodes of a server that is lost have time to link to another one", (t) => {
  const table = new LivenessTable(4000);
  const told: string[] = [];
  table.subscribe(({ node, state }) => told.push(`${node} ${state}`));
  const now = { wallMs: 0, monotonicMs: 0 };
  table.heard("moves", now, "https://a");
  table.heard("stays away", now, "https://a");
  table.heard("elsewhere", now, "https://b");
  table.serverLost("https://a", 2000);
  for (let ms = 2000; ms <= 9750; ms += 250) {
    if (ms >= 5000) table.heard("moves", { wallMs: ms, monotonicMs: ms });
    table.check(ms);
  }
  const alive = ["moves alive", "stays away alive", "elsewhere alive"];
  t.same(told, [...alive, "elsewhere dead"]);
  table.check(10_000);
  t.same(told.at(-1), "stays away dead");
  t.end();
});

t.test("a silent node that another member reaches lives on, until none does", (t) => {
  const asked: string[] = [];
  let seenMs: number | null = null;
  const table = new LivenessTable(4000, {
    lastSeenMs: () => seenMs,
    ask: (node) => asked.push(node),
  });
  const told: string[] = [];
  table.subscribe(({ state }) => told.push(state));
  table.heard("a", { wallMs: 1e12, monotonicMs: 0 });
  const run = (fromMs: number, toMs: number, reached: boolean): void => {
    for (let ms = fromMs; ms <= toMs; ms += 250) {
      if (reached) seenMs = ms - 100;
      table.check(ms, 1e12 + ms);
    }
  };
  run(250, 1750, false);
  t.same(asked, [], "nobody is asked while its link speaks");
  run(2000, 12_000, true);
  t.same(told, ["alive"]);
  t.ok(asked.length > 1);
  t.equal(table.lastHeartbeatMs("a"), 1e12 + 11_900, "its last sign");
  run(12_250, 15_500, false);
  t.same(told, ["alive"]);
  run(16_000, 16_500, false);
  t.same(told, ["alive", "dead"]);
  run(17_000, 17_250, true);
  t.same(told, ["alive", "dead", "alive"], "somebody reaches it again");
  table.left("a");
  run(17_500, 30_000, true);
  t.same(told.at(-1), "left", "who said goodbye is not looked for");
  t.end();
});

t.test("a standstill of three seconds is no death, however it falls", (t) => {
  const table = new LivenessTable(SILENCE_MS);
  const told: string[] = [];
  table.subscribe(({ state }) => told.push(state));
  const hear = (ms: number): void =>
    table.heard("a", { wallMs: ms, monotonicMs: ms }, "https://other");
  // It stops as its next heartbeat is due, and another server tells of the first one after it late.
  const backMs = HEARTBEAT_MS + 3_000 + HEARD_MS;
  hear(0);
  for (let ms = 250; ms <= backMs; ms += 250) table.check(ms);
  hear(backMs);
  table.check(backMs + 250);
  t.same(told, ["alive"]);
  t.end();
});
