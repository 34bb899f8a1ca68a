import t from "tap";
import { serveEtcdApi } from "./etcdctl.js";

t.setTimeout(300_000);

void t.test("etcdctl check perf, which takes a minute, passes", async (t) => {
  t.setTimeout(300_000);
  const { etcdctl } = await serveEtcdApi(t);
  const { code, out } = await etcdctl.run(["check", "perf", "--load=s"], { timeoutMs: 240_000 });
  t.equal(code, 0, out);
  t.match(out, /^PASS$/m);
  t.equal(await etcdctl.ok(["get", "--prefix", "/etcdctl-check-perf/", "--keys-only"]), "");
});
