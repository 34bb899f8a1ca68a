import type { JsonObject } from "../../api/schema/wire-types.js";

/** For tests: good configurations of what stands around the API itself, and their rows. */
export const GOOD_WEBHOOKS: readonly (readonly [manifest: JsonObject, row: readonly unknown[]])[] =
  ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].map((kind) => [
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      webhooks: [
        {
          name: "images.example.com",
          clientConfig: { service: { namespace: "default", name: "images", path: "/check" } },
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    },
    ["x", 1, "10m"],
  ]);

/** The same of flow control and of API groups. */
export const GOOD_API_CONFIGURATIONS: typeof GOOD_WEBHOOKS = [
  [
    {
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "FlowSchema",
      spec: {
        priorityLevelConfiguration: { name: "workload-low" },
        distinguisherMethod: { type: "ByUser" },
        rules: [
          {
            subjects: [{ kind: "User", user: { name: "ann" } }],
            nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz/*"] }],
          },
        ],
      },
    },
    ["x", "workload-low", 1000, "ByUser", "10m", "?"],
  ],
  [
    {
      apiVersion: "flowcontrol.apiserver.k8s.io/v1",
      kind: "PriorityLevelConfiguration",
      spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } },
    },
    ["x", "Limited", "30", "64", "8", "50", "10m"],
  ],
  [
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1.example.com" },
      spec: {
        group: "example.com",
        version: "v1",
        groupPriorityMinimum: 1000,
        versionPriority: 100,
      },
    },
    ["v1.example.com", "Local", "True", "10m"],
  ],
];
