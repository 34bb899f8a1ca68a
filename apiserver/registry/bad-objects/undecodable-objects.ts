import { type BadObject, deployment, pod, service, undecodable } from "./bad-object.js";

const lead = (kind: string): string => `${kind} in version "v1" cannot be handled as a ${kind}: `;
const QUANTITY =
  "quantities must match the regular expression " +
  "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Refused before they become objects: unknown fields (fieldValidation=Strict), wrong types. */
export const UNDECODABLE_OBJECTS: readonly BadObject[] = [
  undecodable(
    "unknown field of a deployment",
    deployment({ replica: 2 }),
    `${lead("Deployment")}strict decoding error: unknown field "spec.replica"`,
  ),
  undecodable(
    "unknown field of a container",
    pod({ imagePolicy: "Always" }),
    `${lead("Pod")}strict decoding error: unknown field "spec.containers[0].imagePolicy"`,
  ),
  undecodable(
    "unknown field at the root",
    { ...pod({}), specs: {} },
    `${lead("Pod")}strict decoding error: unknown field "specs"`,
  ),
  undecodable(
    "two unknown fields",
    service({ port: 80, selectors: {} }),
    `${lead("Service")}strict decoding error: unknown field "spec.port", ` +
      'unknown field "spec.selectors"',
  ),
  undecodable(
    "replicas as text",
    deployment({ replicas: "two" }),
    `${lead("Deployment")}json: cannot unmarshal string into Go struct field ` +
      "DeploymentSpec.spec.replicas of type int32",
  ),
  undecodable(
    "port as text",
    pod({ ports: [{ containerPort: "80" }] }),
    "json: cannot unmarshal string into Go struct field",
  ),
  undecodable(
    "containers as an object",
    pod({}, { containers: { name: "c" } }),
    "json: cannot unmarshal object into Go struct field",
  ),
  undecodable(
    "label as a number",
    { ...pod({}), metadata: { name: "bad", labels: { version: 1 } } },
    "json: cannot unmarshal number into Go struct field",
  ),
  undecodable(
    "variable as a boolean",
    pod({ env: [{ name: "DEBUG", value: true }] }),
    "json: cannot unmarshal bool into Go struct field",
  ),
  undecodable(
    "command as text",
    pod({ command: "sleep 1" }),
    "json: cannot unmarshal string into Go struct field",
  ),
  undecodable(
    "amount in words",
    pod({ resources: { limits: { memory: "lots" } } }),
    `${lead("Pod")}${QUANTITY}`,
  ),
  undecodable(
    "amount of an unknown unit",
    pod({ resources: { limits: { memory: "1GB" } } }),
    QUANTITY,
  ),
  undecodable(
    "amount of a jumbled unit",
    pod({ resources: { limits: { memory: "1mi" } } }),
    "unable to parse quantity's suffix",
  ),
  undecodable(
    "time in words",
    { ...pod({}), metadata: { name: "bad", creationTimestamp: "yesterday" } },
    'parsing time "yesterday"',
  ),
];
