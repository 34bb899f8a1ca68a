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
