import { constants } from "node:os";
import t from "tap";
import { signalNumber } from "./stop-signal.js";

void t.test("signals by name", (t) => {
  for (const [name, number] of Object.entries(constants.signals))
    if (name !== "SIGUNUSED") t.equal(signalNumber(name), number, name);
  t.equal(signalNumber("SIGCLD"), constants.signals.SIGCHLD);
  t.equal(signalNumber("SIGRTMIN"), 34);
  t.equal(signalNumber("SIGRTMIN+15"), 49);
  t.equal(signalNumber("SIGRTMAX"), 64);
  t.equal(signalNumber("SIGRTMAX-14"), 50);
  for (const name of ["", "TERM", "SIG", "SIGRTMIN-1", "SIGRTMAX+1", "SIGRTMIN+31", "SIGNONE"])
    t.equal(signalNumber(name), null, name);
  t.end();
});
