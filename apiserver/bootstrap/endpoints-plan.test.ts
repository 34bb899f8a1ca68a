import t from "tap";
import type { MemberStatus } from "../../consensus/consensus.js";
import { planServerEndpoints } from "./endpoints-plan.js";

const own = { address: "10.0.0.9", port: 6443 };

function member(apiUrl: string, role: MemberStatus["role"] = "follower"): MemberStatus {
  const healthy = role !== "unreachable";
  const numbers = { pid: 1, term: 1, commitIndex: 1, appliedIndex: 1, revision: 1, dbSizeBytes: 1 };
  const texts = { hash: "", hashRevision: 1, version: "", alarms: [] };
  const names = { id: apiUrl, name: apiUrl, peerUrl: "", apiUrl, voter: true };
  return { ...names, role, healthy, ...numbers, ...texts };
}

/** Name, port and addresses of each slice. */
function slicesOf(members: readonly MemberStatus[]): unknown[] {
  return planServerEndpoints(members, own).slices.map((slice) => {
    const { metadata, ports, endpoints } = slice as {
      metadata: { name: string };
      ports: { port: number }[];
      endpoints: { addresses: string[] }[];
    };
    return [metadata.name, ports[0]?.port, endpoints.flatMap(({ addresses }) => addresses)];
  });
}

t.test("a group of one that was told no address has its own", (t) => {
  t.same(slicesOf([]), [["kubernetes", 6443, ["10.0.0.9"]]]);
  t.same(slicesOf([member("")]), [["kubernetes", 6443, ["10.0.0.9"]]]);
  t.end();
});

t.test("servers that answer, in the order of their addresses", (t) => {
  const [a, b, c] = ["https://10.0.0.1:6443", "https://10.0.0.2:6443", "https://10.0.0.3:6443"];
  t.same(slicesOf([member(c), member(a, "leader"), member(b, "unreachable")]), [
    ["kubernetes", 6443, ["10.0.0.1", "10.0.0.3"]],
  ]);
  t.end();
});

t.test("servers on one computer: a slice for each port, also of one that is dead", (t) => {
  const urls = [6444, 6443, 6445].map((port) => `https://10.0.0.1:${port}`);
  const [x, y, z] = urls as [string, string, string];
  const members = [member(x), member(y, "unreachable"), member(z)];
  t.same(slicesOf(members), [
    ["kubernetes", 6443, []],
    ["kubernetes-6444", 6444, ["10.0.0.1"]],
    ["kubernetes-6445", 6445, ["10.0.0.1"]],
  ]);
  const { isForeign } = planServerEndpoints(members, own);
  t.equal(isForeign("kubernetes-6446"), true, "of a server that was removed");
  t.equal(isForeign("kubernetes-6445"), false);
  t.end();
});

t.test("loopback is nobody's way to a server", (t) => {
  t.same(slicesOf([member("https://127.0.0.1:6443")]), [["kubernetes", 6443, []]]);
  t.end();
});
