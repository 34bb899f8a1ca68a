// Generated from ../groups by `npm run generate`. Do not edit.
import type { JsonValue, StoredMeta } from "../wire-types.js";

/** Is one column of the table of a custom kind. */
export interface CustomResourceColumnDefinition {
  /** Says what the column shows. */
  readonly description?: string;
  /** Says more about the type, such as name, byte or date-time. */
  readonly format?: string;
  /** Finds the cell in the object, such as .spec.replicas. */
  readonly jsonPath: string;
  /** Heads the column. */
  readonly name: string;
  /** Hides the column without -o wide when above 0. */
  readonly priority?: number;
  /** Names the type of its cells: integer, number, string, boolean or date. */
  readonly type: string;
}

/** Says how objects are turned from one version into another. */
export interface CustomResourceConversion {
  /** Is None (only apiVersion is changed) or Webhook (a server is asked). */
  readonly strategy: string;
  /** Names the server that is asked when the strategy is Webhook. */
  readonly webhook?: WebhookConversion;
}

/** Adds a kind to the API; its name is PLURAL.GROUP. */
export interface CustomResourceDefinition {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "apiextensions.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "CustomResourceDefinition";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what the kind is called and which fields its objects have. */
  readonly spec: CustomResourceDefinitionSpec;
  /** Tells which names are in use and whether the kind is served. */
  readonly status?: CustomResourceDefinitionStatus;
}

/** Is one statement about a definition. */
export interface CustomResourceDefinitionCondition {
  /** Is when the status last changed. */
  readonly lastTransitionTime?: string;
  /** Tells people the cause. */
  readonly message?: string;
  /** Is the generation of the definition that the statement is about. */
  readonly observedGeneration?: number;
  /** Names the cause in one word. */
  readonly reason?: string;
  /** Is True, False or Unknown. */
  readonly status: string;
  /** Names the statement, such as Established, NamesAccepted or Terminating. */
  readonly type: string;
}

/** Is what a custom kind is called. */
export interface CustomResourceDefinitionNames {
  /** Lists groups of kinds it belongs to, such as all. */
  readonly categories?: readonly string[];
  /** Names the kind in objects, such as CronTab. */
  readonly kind: string;
  /** Names lists of the kind; the kind with List behind it when absent. */
  readonly listKind?: string;
  /** Names the kind in paths; it must be the first part of the definition's name. */
  readonly plural: string;
  /** Lists short names for the command line. */
  readonly shortNames?: readonly string[];
  /** Names one object; the kind in lower case when absent. */
  readonly singular?: string;
}

/** Says what a custom kind is called and which fields its objects have. */
export interface CustomResourceDefinitionSpec {
  /** Says how objects are turned from one version into another; None when absent. */
  readonly conversion?: CustomResourceConversion;
  /** Is the API group of the kind, such as stable.example.com. */
  readonly group: string;
  /** Is what the kind is called. */
  readonly names: CustomResourceDefinitionNames;
  /** Must be false; it was true for definitions of old. */
  readonly preserveUnknownFields?: boolean;
  /** Is Namespaced or Cluster. */
  readonly scope: string;
  /** Lists the versions in which the kind is or was served. */
  readonly versions: readonly CustomResourceDefinitionVersion[];
}

/** Tells which names are in use and whether the kind is served. */
export interface CustomResourceDefinitionStatus {
  /** Holds the names that are in use. */
  readonly acceptedNames?: CustomResourceDefinitionNames;
  /** Lists statements about the definition. */
  readonly conditions?: readonly CustomResourceDefinitionCondition[];
  /** Is the generation of the definition that was last acted on. */
  readonly observedGeneration?: number;
  /** Lists the versions in which objects may still be stored. */
  readonly storedVersions?: readonly string[];
}

/** Is one version of a custom kind. */
export interface CustomResourceDefinitionVersion {
  /** Lists the columns of tables; the age when absent. */
  readonly additionalPrinterColumns?: readonly CustomResourceColumnDefinition[];
  /** Warns everybody who uses the version. */
  readonly deprecated?: boolean;
  /** Is the text of that warning, when another one is wanted. */
  readonly deprecationWarning?: string;
  /** Names the version, such as v1 or v1beta1. */
  readonly name: string;
  /** Says which fields there are, and what they may hold. */
  readonly schema?: CustomResourceValidation;
  /** Lists fields by which lists and watches can be narrowed, at most 8. */
  readonly selectableFields?: readonly SelectableField[];
  /** Says whether the version can be used. */
  readonly served: boolean;
  /** Says whether objects are stored in this version; exactly one is. */
  readonly storage: boolean;
  /** Says which subresources objects have. */
  readonly subresources?: CustomResourceSubresources;
}

/** Says where the number of replicas lies. */
export interface CustomResourceSubresourceScale {
  /** Finds the selector of the Pods, as text; autoscalers need it. */
  readonly labelSelectorPath?: string;
  /** Finds the wanted number, such as .spec.replicas. */
  readonly specReplicasPath: string;
  /** Finds the present number, such as .status.replicas. */
  readonly statusReplicasPath: string;
}

/** Says that there is a status: it has a path, and counts changes of the rest. */
export interface CustomResourceSubresourceStatus {
}

/** Says which subresources objects have. */
export interface CustomResourceSubresources {
  /** Gives objects a number of replicas with a path of its own. */
  readonly scale?: CustomResourceSubresourceScale;
  /** Gives objects a status with a path of its own. */
  readonly status?: CustomResourceSubresourceStatus;
}

/** Says which fields there are, and what they may hold. */
export interface CustomResourceValidation {
  /** Is the structural schema of the version. */
  readonly openAPIV3Schema?: JSONSchemaProps;
}

/** Points at a text elsewhere. */
export interface ExternalDocumentation {
  /** Says what is found there. */
  readonly description?: string;
  /** Is where to find it. */
  readonly url?: string;
}

/** Describes a value, in the words of OpenAPI v3. */
export interface JSONSchemaProps {
  /** May not be used. */
  readonly $ref?: string;
  /** Is not used. */
  readonly $schema?: string;
  /** May not be used. */
  readonly additionalItems?: JsonValue;
  /** Describes the values of a map. */
  readonly additionalProperties?: JsonValue;
  /** Lists descriptions of which all must fit. */
  readonly allOf?: readonly JSONSchemaProps[];
  /** Lists descriptions of which at least one must fit. */
  readonly anyOf?: readonly JSONSchemaProps[];
  /** Is what the value is when it is absent. */
  readonly default?: JsonValue;
  /** May not be used. */
  readonly definitions?: { readonly [key: string]: JSONSchemaProps };
  /** May not be used. */
  readonly dependencies?: { readonly [key: string]: JsonValue };
  /** Says what the value means. */
  readonly description?: string;
  /** Lists the values that are allowed. */
  readonly enum?: readonly JsonValue[];
  /** Shows a value. */
  readonly example?: JsonValue;
  /** Excludes the maximum itself. */
  readonly exclusiveMaximum?: boolean;
  /** Excludes the minimum itself. */
  readonly exclusiveMinimum?: boolean;
  /** Points at a text elsewhere. */
  readonly externalDocs?: ExternalDocumentation;
  /** Says more about the type, such as int32, date-time or ipv4. */
  readonly format?: string;
  /** Is not used. */
  readonly id?: string;
  /** Describes the items of a list. */
  readonly items?: JsonValue;
  /** Is the largest number of items. */
  readonly maxItems?: number;
  /** Is the largest number of characters. */
  readonly maxLength?: number;
  /** Is the largest number of fields. */
  readonly maxProperties?: number;
  /** Is the largest number. */
  readonly maximum?: number;
  /** Is the smallest number of items. */
  readonly minItems?: number;
  /** Is the smallest number of characters. */
  readonly minLength?: number;
  /** Is the smallest number of fields. */
  readonly minProperties?: number;
  /** Is the smallest number. */
  readonly minimum?: number;
  /** Is what a number must be a multiple of. */
  readonly multipleOf?: number;
  /** Is a description that must not fit. */
  readonly not?: JSONSchemaProps;
  /** Allows null. */
  readonly nullable?: boolean;
  /** Lists descriptions of which exactly one must fit. */
  readonly oneOf?: readonly JSONSchemaProps[];
  /** Is a regular expression that a text must match somewhere. */
  readonly pattern?: string;
  /** May not be used. */
  readonly patternProperties?: { readonly [key: string]: JSONSchemaProps };
  /** Describes the fields of an object. */
  readonly properties?: { readonly [key: string]: JSONSchemaProps };
  /** Lists fields that must be there. */
  readonly required?: readonly string[];
  /** Names the value for people. */
  readonly title?: string;
  /** Names the type: object, array, string, integer, number or boolean. */
  readonly type?: string;
  /** Refuses equal items. */
  readonly uniqueItems?: boolean;
  /** Says that the value is an object with apiVersion, kind and metadata. */
  readonly "x-kubernetes-embedded-resource"?: boolean;
  /** Allows both numbers and texts. */
  readonly "x-kubernetes-int-or-string"?: boolean;
  /** Lists the fields that tell items of a map-like list apart. */
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  /** Says how a list is merged: atomic, set or map. */
  readonly "x-kubernetes-list-type"?: string;
  /** Says how an object is merged: granular or atomic. */
  readonly "x-kubernetes-map-type"?: string;
  /** Keeps fields that are not described. */
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  /** Lists rules in CEL. */
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
}

/** Is one field by which lists and watches can be narrowed. */
export interface SelectableField {
  /** Finds the field, such as .spec.color. */
  readonly jsonPath: string;
}

/** Names a Service that is asked. */
export interface ServiceReference {
  /** Is its name. */
  readonly name: string;
  /** Is where the Service is. */
  readonly namespace: string;
  /** Is the path that is asked for. */
  readonly path?: string;
  /** Is its port; 443 when absent. */
  readonly port?: number;
}

/** Is one rule in CEL. */
export interface ValidationRule {
  /** Names the field that is to blame. */
  readonly fieldPath?: string;
  /** Is the text for a value that breaks the rule. */
  readonly message?: string;
  /** Is an expression that makes this text. */
  readonly messageExpression?: string;
  /** Applies the rule where there is no old value too. */
  readonly optionalOldSelf?: boolean;
  /** Is the machine-readable cause, such as FieldValueInvalid. */
  readonly reason?: string;
  /** Is the expression; self is the value. */
  readonly rule: string;
}

/** Says how a server is reached. */
export interface WebhookClientConfig {
  /** Holds the certificates that sign the server's, as PEM. */
  readonly caBundle?: string;
  /** Names a Service of the cluster. */
  readonly service?: ServiceReference;
  /** Is its address, when it is no Service. */
  readonly url?: string;
}

/** Names the server that converts objects. */
export interface WebhookConversion {
  /** Says how it is reached. */
  readonly clientConfig?: WebhookClientConfig;
  /** Lists the versions of ConversionReview it understands. */
  readonly conversionReviewVersions: readonly string[];
}
