/** A custom kind that runs pods, as operators bring it: with a `scale` of its own. */
export const FLEETS = {
  group: "example.com",
  version: "v1",
  kind: "Fleet",
  plural: "fleets",
  namespaced: true,
} as const;

const replicas = { type: "integer" };
const part = { type: "object", properties: { replicas, selector: { type: "string" } } };

/** Makes FLEETS known. */
export const FLEET_DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "fleets.example.com" },
  spec: {
    group: FLEETS.group,
    names: { plural: FLEETS.plural, kind: FLEETS.kind },
    scope: "Namespaced",
    versions: [
      {
        name: FLEETS.version,
        served: true,
        storage: true,
        subresources: {
          scale: {
            specReplicasPath: ".spec.replicas",
            statusReplicasPath: ".status.replicas",
            labelSelectorPath: ".spec.selector",
          },
        },
        schema: { openAPIV3Schema: { type: "object", properties: { spec: part, status: part } } },
      },
    ],
  },
} as const;
