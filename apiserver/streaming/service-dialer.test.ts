import t from "tap";
import type { Endpoints, Service } from "../../api/schema/types/core-v1.gen.js";
import { backendsOf } from "./service-dialer.js";

const service = (spec: object): Service =>
  ({ apiVersion: "v1", kind: "Service", metadata: { name: "hook" }, spec }) as Service;
const endpoints = (subsets: object): Endpoints => ({ subsets }) as unknown as Endpoints;

t.test("where a connection to a Service may end", (t) => {
  const web = service({
    ports: [
      { name: "https", port: 443 },
      { name: "other", port: 80 },
    ],
  });
  const pod = { ip: "10.0.0.1", targetRef: { kind: "Pod", name: "one" } };
  const found = endpoints([
    {
      addresses: [pod, { ip: "192.0.2.7" }],
      notReadyAddresses: [{ ip: "192.0.2.8" }],
      ports: [
        { name: "other", port: 8080 },
        { name: "https", port: 8443 },
      ],
    },
  ]);
  t.same(backendsOf(web, found, 443), [
    { type: "pod", pod: "one", port: 8443 },
    { type: "address", host: "192.0.2.7", port: 8443 },
  ]);
  t.equal(backendsOf(web, found, 8443), 'no service port 8443 found for service "hook"');
  t.equal(backendsOf(web, null, 443), 'no endpoints available for service "hook"');
  t.equal(backendsOf(web, endpoints([]), 443), 'no endpoints available for service "hook"');
  const external = service({ type: "ExternalName", externalName: "hooks.example.com" });
  t.same(backendsOf(external, null, 9443), [
    { type: "address", host: "hooks.example.com", port: 9443 },
  ]);
  t.end();
});
