import type { Test } from "tap";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import type { TestCluster } from "../test-cluster.js";
import { until } from "../until.js";

/**
 * An image that cannot be had is told apart from one that is misnamed, with the cause in an event.
 */
export async function badImages(t: Test, cluster: TestCluster): Promise<void> {
  const kubectl = cluster.kubectl();
  const names = ["get", "nodes", "-o", "jsonpath={.items[*].status.images[*].names[*]}"];
  await until("the nodes to say which images they have", async () =>
    (await kubectl.ok(names)).includes("localhost/raftsman/pause:1"),
  );
  const cases = [
    {
      name: "no-such-tag",
      image: "nginx:no-such-tag",
      reasons: ["ErrImagePull", "ImagePullBackOff"],
    },
    { name: "bad-name", image: "Not//A Name", reasons: ["InvalidImageName"] },
    { name: "never-pulled", image: "nginx:other", reasons: ["ErrImageNeverPull"], never: true },
  ];
  for (const { name, image, reasons, never } of cases) {
    t.teardown(() => kubectl.run(["delete", "pod", name, "--now", "--wait=false"]));
    const imagePullPolicy = never === true ? "Never" : "IfNotPresent";
    const spec = { containers: [{ name: "main", image, imagePullPolicy }] };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
    await kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(pod) });
    const waiting = await until(`${name} to wait for ${reasons.join(" or ")}`, async () => {
      const { status } = await kubectl.json<Pod>(["get", "pod", name]);
      const found = status?.containerStatuses?.[0]?.state?.waiting;
      return found !== undefined && reasons.includes(found.reason ?? "") ? found : null;
    });
    t.not(waiting.message ?? "", "", `${name}: the status says why`);
    const events = await until(`an event of ${name}`, async () => {
      const text = await kubectl.ok(["describe", "pod", name]);
      return /Warning +(Failed|InspectFailed|ErrImageNeverPull)/.test(text) ? text : null;
    });
    t.match(events, /Failed to (pull|apply default image tag)|not present with pull policy/i);
  }
}
