import t from "tap";
import { disturbApis } from "./disturb-apis.js";
import { ServerGroup } from "./server-group.js";

const LIMIT_MS = 3_000_000;
const ROUNDS = 20;
t.setTimeout(LIMIT_MS);

void t.test("20 of 20: whatever its api process does, the leader leads on", async (t) => {
  t.setTimeout(LIMIT_MS);
  const group = await ServerGroup.start(3, ["--chaos-hooks"]);
  t.teardown(() => group.close());
  await disturbApis(t, group, ROUNDS);
});
