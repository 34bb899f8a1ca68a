import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import t from "tap";
import type { HTTPGetAction } from "../api/schema/types/core-v1.gen.js";
import { runHook } from "./lifecycle-hooks.js";
import type { NodeContext } from "./node-context.js";
import { aContainer, aPod } from "./plan/plan-fixtures.js";

t.test("a hook by HTTPS whose server speaks HTTP", async (t) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const events: string[] = [];
  const recorder = {
    event: (_: unknown, type: string, { reason, message }: Record<string, string>) =>
      events.push(`${type} ${reason}: ${message}`),
  };
  const hook = (httpGet: HTTPGetAction): Promise<string | null> =>
    runHook(
      { recorder } as unknown as NodeContext,
      { httpGet },
      {
        pod: aPod(),
        container: aContainer("main", { ports: [{ name: "web", containerPort: port }] }),
        containerId: "c",
        podIp: "127.0.0.1",
        timeoutMs: 5000,
        signal: new AbortController().signal,
      },
    );
  const httpHeaders = [
    { name: "Authorization", value: "secret" },
    { name: "X-Kind", value: "hook" },
  ];
  t.equal(await hook({ port: "web", path: "/bye", scheme: "HTTPS", httpHeaders }), null);
  const [{ url, headers }] = seen as [IncomingMessage];
  t.match({ url, headers }, { url: "/bye", headers: { "x-kind": "hook" } });
  t.notOk("authorization" in headers, "what was secret stays so");
  t.same(events, [
    `Warning LifecycleHTTPFallback: request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`,
  ]);
  t.equal(await hook({ port: "web", scheme: "HTTP" }), null);
  t.equal(events.length, 1, "nothing to say of one that is asked by HTTP");
  t.match(await hook({ port: 1, scheme: "HTTPS" }), /connection refused/);
  t.equal(seen.length, 2);
});
