import t from "tap";
import type { Informer } from "../../api/client/informer.js";
import { InformerFactory } from "../../api/client/informer-factory.js";
import { NODES } from "../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import type { Node } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import { TestServer } from "../../apiserver/test-server.js";
import { agentInformers } from "../../node/agent-informers.js";
import { NodeRoutes } from "../../node/cni/node-routes.js";
import { routedNodeOf } from "../../node/cni/route-plan.js";
import type { RunCommand } from "../../node/cni/run-command.js";
import { clientAs, logger } from "./control-plane.js";

const server = await TestServer.start();
const admin = await clientAs(server, "admin-of-nodes", "CN=admin, O=system:masters");
const agent = await clientAs(server, "agent-n1", "CN=system:node:n1, O=system:nodes");
const stop = new AbortController();
const deps = { clock: systemClock, random: systemRandom, logger };
const nodes = admin.resource(NODES);
t.teardown(async () => {
  stop.abort();
  admin.close();
  agent.close();
  await server.close();
});

async function makeNode(name: string): Promise<void> {
  await nodes.create({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: {} });
}

async function patchNode(name: string, patch: JsonValue, subresource?: "status"): Promise<Node> {
  const where = subresource === undefined ? {} : { subresource };
  return nodes.patch(name, patch, { type: "merge", ...where });
}

function condition(reason: string): JsonValue {
  return { status: { conditions: [{ type: "Ready", status: "True", reason }] } };
}

void t.test("an agent hears of its own node, and of others what routes need", async (t) => {
  await makeNode("n1");
  await makeNode("n2");
  const factory = new InformerFactory(agent, deps);
  const { ownNode, routedNodes } = agentInformers(factory, "n1");
  const own: string[] = [];
  const ways: string[] = [];
  const heard = new Set<() => void>();
  const tell = (): void => {
    for (const wake of heard) wake();
  };
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        if (!holds()) return;
        heard.delete(wake);
        resolve();
      };
      heard.add(wake);
      wake();
    });
  const noteOwn = (node: Node): void => {
    own.push(node.status?.conditions?.[0]?.reason ?? "-");
    tell();
  };
  const noteWay = (node: Node): void => {
    const { name, route } = routedNodeOf(node);
    ways.push(`${name} ${route === null ? "-" : `${route.podCidr} ${route.via}`}`);
    tell();
  };
  ownNode.addHandler({ added: noteOwn, updated: noteOwn });
  routedNodes.addHandler({
    added: noteWay,
    updated: noteWay,
    deleted: ({ metadata }) => {
      ways.push(`${metadata.name} gone`);
      tell();
    },
  });
  factory.start(stop.signal);
  await factory.whenSynced(stop.signal);
  t.same([...ways].sort(), ["n1 -", "n2 -"]);
  for (const reason of ["One", "Two", "Three"]) await patchNode("n2", condition(reason), "status");
  await patchNode("n2", { metadata: { labels: { tier: "front" } } });
  await patchNode("n1", condition("Own"), "status");
  const addresses = [{ type: "InternalIP", address: "10.0.0.2" }];
  await patchNode("n2", { status: { addresses } }, "status");
  await patchNode("n2", condition("Four"), "status");
  await patchNode("n2", { spec: { podCIDR: "10.1.2.0/24", podCIDRs: ["10.1.2.0/24"] } });
  await nodes.delete("n2");
  await until(() => ways.at(-1) === "n2 gone" && own.length === 2);
  t.same(ways.slice(2), ["n2 -", "n2 10.1.2.0/24 10.0.0.2", "n2 gone"]);
  t.same(own, ["-", "Own"]);
  for (const node of routedNodes.lister.values()) t.equal(node.status?.conditions, undefined);
});

/** Routes that follow an informer, and the first batch of commands for the kernel. */
function followRoutes(informer: Informer<Node>): {
  readonly routes: NodeRoutes;
  readonly batch: Promise<string>;
} {
  let told: (batch: string) => void = () => {};
  const batch = new Promise<string>((resolve) => (told = resolve));
  const run: RunCommand = async (_command, _args, options) => {
    if (options?.input === undefined) return "[]";
    told(options.input);
    return "";
  };
  const routes = new NodeRoutes({ nodeName: "n1", clusterCidr: "10.1.0.0/16", ...deps, run });
  informer.addHandler({
    added: (node) => routes.upsert(routedNodeOf(node)),
    updated: (node) => routes.upsert(routedNodeOf(node)),
  });
  return { routes, batch };
}

void t.test("routes follow, also where a server sends whole objects", async (t) => {
  await makeNode("n3");
  const factory = new InformerFactory(agent, deps);
  const followed = [factory.informer(NODES), agentInformers(factory, "n1").routedNodes];
  const all = followed.map(followRoutes);
  factory.start(stop.signal);
  await factory.whenSynced(stop.signal);
  const addresses = [{ type: "InternalIP", address: "10.0.0.3" }];
  await patchNode("n3", { status: { addresses } }, "status");
  await patchNode("n3", { spec: { podCIDR: "10.1.3.0/24", podCIDRs: ["10.1.3.0/24"] } });
  for (const { routes, batch } of all) {
    t.equal(await batch, "route replace 10.1.3.0/24 via 10.0.0.3 proto 201\n");
    await routes.close();
  }
});
