import type { JsonObject } from "../../api/schema/wire-types.js";

const matchConstraints = {
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  resourceRules: [
    {
      apiGroups: ["apps"],
      apiVersions: ["v1"],
      operations: ["CREATE"],
      resources: ["deployments"],
      scope: "*",
    },
  ],
};
const paramKind = { apiVersion: "v1", kind: "ConfigMap" };
const paramRef = { name: "limits", parameterNotFoundAction: "Deny" };

function policy(kind: string, spec: JsonObject): JsonObject {
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, spec };
}

/** For tests: admission policies and bindings that are right, with their rows. */
export const GOOD_POLICIES: readonly (readonly [JsonObject, readonly unknown[]])[] = [
  [
    policy("ValidatingAdmissionPolicy", {
      failurePolicy: "Fail",
      matchConstraints,
      paramKind,
      validations: [{ expression: "object.spec.replicas <= int(params.data.max)" }],
    }),
    ["x", 1, "v1/ConfigMap", "10m"],
  ],
  [
    policy("ValidatingAdmissionPolicyBinding", {
      policyName: "p",
      validationActions: ["Deny"],
      paramRef,
    }),
    ["x", "p", "*/limits", "10m"],
  ],
  [
    policy("MutatingAdmissionPolicy", {
      failurePolicy: "Fail",
      matchConstraints,
      mutations: [
        {
          patchType: "ApplyConfiguration",
          applyConfiguration: { expression: "Object{spec: Object.spec{replicas: 1}}" },
        },
      ],
      reinvocationPolicy: "Never",
    }),
    ["x", 1, "<unset>", "10m"],
  ],
  [policy("MutatingAdmissionPolicyBinding", { policyName: "p" }), ["x", "p", "<unset>", "10m"]],
];
