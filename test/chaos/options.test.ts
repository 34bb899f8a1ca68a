import t from "tap";
import { helpText, parseChaosOptions } from "./options.js";

const CHOICES = {
  workloads: ["register", "watch"],
  nemeses: [
    { name: "kill", about: "kill -9" },
    { name: "pause", about: "SIGSTOP" },
  ],
};
const parse = (...args: readonly string[]) => parseChaosOptions(args, CHOICES, 7);

void t.test("reads what the contract names, with defaults", (t) => {
  t.same(parse(), {
    minutes: 2,
    servers: 1,
    nodes: 0,
    workloads: ["register", "watch"],
    nemeses: [],
    seed: 7,
    out: "reports/chaos-latest",
  });
  const all = parse(
    ..."--minutes 0.5 --servers 3 --nodes 2 --workloads watch --seed 0".split(" "),
    "--nemeses=kill,pause",
    "--out=a=b",
  );
  t.same(all, {
    minutes: 0.5,
    servers: 3,
    nodes: 2,
    workloads: ["watch"],
    nemeses: ["kill", "pause"],
    seed: 0,
    out: "a=b",
  });
  t.end();
});

void t.test("refuses what it does not understand", (t) => {
  const wrong = [
    "--minute 2",
    "--minutes",
    "--minutes two",
    "--minutes 0",
    "--servers 1.5",
    "--servers 9",
    "--workloads watch,other",
    "--nemeses earthquake",
    "--seed -1",
    "--seed 1 --seed 2",
    "loose",
  ];
  for (const text of wrong) t.throws(() => parse(...text.split(" ")), { code: "Usage" }, text);
  t.end();
});

void t.test("the help names every choice and exit code", (t) => {
  const help = helpText(CHOICES);
  for (const word of ["register,watch", "kill -9", "SIGSTOP", "5 inconclusive", "reports/"])
    t.match(help, word);
  t.end();
});
