import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { RunCommand } from "../cni/run-command.js";
import { claimLinkAddress, releaseLinkAddress } from "./link-address.js";

const ADDRESS = "169.254.20.10";

/** The program `ip` with one interface; dies at a step when it is told to. */
function ipProgram(has: Set<string>, diesAt = ""): RunCommand {
  return async (_program, args) => {
    const [step, address = ""] = [args[1] ?? "", args[2]?.split("/")[0]];
    if (step === "replace") has.add(address);
    if (step === "del") has.delete(address);
    if (step === diesAt) throw new Error("killed");
    return JSON.stringify([{ addr_info: [...has].map((local) => ({ local })) }]);
  };
}

t.test(
  "an address is taken away by whoever is killed at any step, and only if it is ours",
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "link-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const marker = join(folder, "marker");
    const has = new Set<string>();

    await t.rejects(claimLinkAddress(ADDRESS, marker, ipProgram(has, "replace")), /killed/);
    t.ok(has.has(ADDRESS), "it was added, and then the end came");
    await releaseLinkAddress(ADDRESS, marker, ipProgram(has));
    t.same([...has], []);
    t.notOk(existsSync(marker));

    has.add(ADDRESS);
    await claimLinkAddress(ADDRESS, marker, ipProgram(has));
    await releaseLinkAddress(ADDRESS, marker, ipProgram(has));
    t.same([...has], [ADDRESS], "somebody else's stays");

    has.clear();
    await claimLinkAddress(ADDRESS, marker, ipProgram(has));
    await t.rejects(releaseLinkAddress(ADDRESS, marker, ipProgram(has, "del")), /killed/);
    await releaseLinkAddress(ADDRESS, marker, ipProgram(has));
    t.same([...has], []);
    await releaseLinkAddress(ADDRESS, marker, ipProgram(has));
  },
);
