/** apiextensions.k8s.io/v1: see ../notation.ts for how to read this. */
export const apiextensionsV1 = `
group apiextensions/v1 apiextensions.k8s.io/v1

kind CustomResourceDefinition customresourcedefinitions cluster short=crd,crds categories=api-extensions
  sub status CustomResourceDefinition get patch update

type CustomResourceColumnDefinition # Is one column of the table of a custom kind.
  1 name! string # Heads the column.
  2 type! string # Names the type of its cells: integer, number, string, boolean or date.
  3 format string # Says more about the type, such as name, byte or date-time.
  4 description string # Says what the column shows.
  5 priority int32 # Hides the column without -o wide when above 0.
  6 jsonPath! string # Finds the cell in the object, such as .spec.replicas.

type CustomResourceConversion # Says how objects are turned from one version into another.
  1 strategy! string # Is None (only apiVersion is changed) or Webhook (a server is asked).
  2 webhook? WebhookConversion # Names the server that is asked when the strategy is Webhook.

type CustomResourceDefinition # Adds a kind to the API; its name is PLURAL.GROUP.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! CustomResourceDefinitionSpec # Says what the kind is called and which fields its objects have.
  3 status CustomResourceDefinitionStatus # Tells which names are in use and whether the kind is served.

type CustomResourceDefinitionCondition # Is one statement about a definition.
  1 type! string # Names the statement, such as Established, NamesAccepted or Terminating.
  2 status! string # Is True, False or Unknown.
  3 lastTransitionTime? Time # Is when the status last changed.
  4 reason string # Names the cause in one word.
  5 message string # Tells people the cause.
  6 observedGeneration int64 # Is the generation of the definition that the statement is about.

type CustomResourceDefinitionNames # Is what a custom kind is called.
  1 plural! string # Names the kind in paths; it must be the first part of the definition's name.
  2 singular string # Names one object; the kind in lower case when absent.
  3 shortNames []string list=atomic # Lists short names for the command line.
  4 kind! string # Names the kind in objects, such as CronTab.
  5 listKind string # Names lists of the kind; the kind with List behind it when absent.
  6 categories []string list=atomic # Lists groups of kinds it belongs to, such as all.

type CustomResourceDefinitionSpec # Says what a custom kind is called and which fields its objects have.
  1 group! string # Is the API group of the kind, such as stable.example.com.
  3 names! CustomResourceDefinitionNames # Is what the kind is called.
  4 scope! string # Is Namespaced or Cluster.
  7 versions! []CustomResourceDefinitionVersion list=atomic # Lists the versions in which the kind is or was served.
  9 conversion? CustomResourceConversion # Says how objects are turned from one version into another; None when absent.
  10 preserveUnknownFields bool # Must be false; it was true for definitions of old.

type CustomResourceDefinitionStatus # Tells which names are in use and whether the kind is served.
  1 conditions []CustomResourceDefinitionCondition list=map(type) # Lists statements about the definition.
  2 acceptedNames CustomResourceDefinitionNames # Holds the names that are in use.
  3 storedVersions []string list=atomic # Lists the versions in which objects may still be stored.
  4 observedGeneration int64 # Is the generation of the definition that was last acted on.

type CustomResourceDefinitionVersion # Is one version of a custom kind.
  1 name! string # Names the version, such as v1 or v1beta1.
  2 served! bool # Says whether the version can be used.
  3 storage! bool # Says whether objects are stored in this version; exactly one is.
  4 schema? CustomResourceValidation # Says which fields there are, and what they may hold.
  5 subresources? CustomResourceSubresources # Says which subresources objects have.
  6 additionalPrinterColumns []CustomResourceColumnDefinition list=atomic # Lists the columns of tables; the age when absent.
  7 deprecated bool # Warns everybody who uses the version.
  8 deprecationWarning? string # Is the text of that warning, when another one is wanted.
  9 selectableFields []SelectableField list=atomic # Lists fields by which lists and watches can be narrowed, at most 8.

type CustomResourceSubresourceScale # Says where the number of replicas lies.
  1 specReplicasPath! string # Finds the wanted number, such as .spec.replicas.
  2 statusReplicasPath! string # Finds the present number, such as .status.replicas.
  3 labelSelectorPath? string # Finds the selector of the Pods, as text; autoscalers need it.

type CustomResourceSubresourceStatus # Says that there is a status: it has a path, and counts changes of the rest.

type CustomResourceSubresources # Says which subresources objects have.
  1 status? CustomResourceSubresourceStatus # Gives objects a status with a path of its own.
  2 scale? CustomResourceSubresourceScale # Gives objects a number of replicas with a path of its own.

type CustomResourceValidation # Says which fields there are, and what they may hold.
  1 openAPIV3Schema? JSONSchemaProps # Is the structural schema of the version.

type ExternalDocumentation # Points at a text elsewhere.
  1 description string # Says what is found there.
  2 url string # Is where to find it.

type JSONSchemaProps # Describes a value, in the words of OpenAPI v3.
  1 id string # Is not used.
  2 $schema string # Is not used.
  3 $ref? string # May not be used.
  4 description string # Says what the value means.
  5 type string # Names the type: object, array, string, integer, number or boolean.
  6 format string # Says more about the type, such as int32, date-time or ipv4.
  7 title string # Names the value for people.
  8 default? JSON # Is what the value is when it is absent.
  9 maximum? double # Is the largest number.
  10 exclusiveMaximum bool # Excludes the maximum itself.
  11 minimum? double # Is the smallest number.
  12 exclusiveMinimum bool # Excludes the minimum itself.
  13 maxLength? int64 # Is the largest number of characters.
  14 minLength? int64 # Is the smallest number of characters.
  15 pattern string # Is a regular expression that a text must match somewhere.
  16 maxItems? int64 # Is the largest number of items.
  17 minItems? int64 # Is the smallest number of items.
  18 uniqueItems bool # Refuses equal items.
  19 multipleOf? double # Is what a number must be a multiple of.
  20 enum []JSON list=atomic # Lists the values that are allowed.
  21 maxProperties? int64 # Is the largest number of fields.
  22 minProperties? int64 # Is the smallest number of fields.
  23 required []string list=atomic # Lists fields that must be there.
  24 items? JSONSchemaPropsOrArray # Describes the items of a list.
  25 allOf []JSONSchemaProps list=atomic # Lists descriptions of which all must fit.
  26 oneOf []JSONSchemaProps list=atomic # Lists descriptions of which exactly one must fit.
  27 anyOf []JSONSchemaProps list=atomic # Lists descriptions of which at least one must fit.
  28 not? JSONSchemaProps # Is a description that must not fit.
  29 properties map[JSONSchemaProps] # Describes the fields of an object.
  30 additionalProperties? JSONSchemaPropsOrBool # Describes the values of a map.
  31 patternProperties map[JSONSchemaProps] # May not be used.
  32 dependencies map[JSONSchemaPropsOrStringArray] # May not be used.
  33 additionalItems? JSONSchemaPropsOrBool # May not be used.
  34 definitions map[JSONSchemaProps] # May not be used.
  35 externalDocs? ExternalDocumentation # Points at a text elsewhere.
  36 example? JSON # Shows a value.
  37 nullable bool # Allows null.
  38 x-kubernetes-preserve-unknown-fields? bool # Keeps fields that are not described.
  39 x-kubernetes-embedded-resource bool # Says that the value is an object with apiVersion, kind and metadata.
  40 x-kubernetes-int-or-string bool # Allows both numbers and texts.
  41 x-kubernetes-list-map-keys []string list=atomic # Lists the fields that tell items of a map-like list apart.
  42 x-kubernetes-list-type? string # Says how a list is merged: atomic, set or map.
  43 x-kubernetes-map-type? string # Says how an object is merged: granular or atomic.
  44 x-kubernetes-validations []ValidationRule list=map(rule) patch=merge(rule) # Lists rules in CEL.

type SelectableField # Is one field by which lists and watches can be narrowed.
  1 jsonPath! string # Finds the field, such as .spec.color.

type ServiceReference # Names a Service that is asked.
  1 namespace! string # Is where the Service is.
  2 name! string # Is its name.
  3 path? string # Is the path that is asked for.
  4 port? int32 # Is its port; 443 when absent.

type ValidationRule # Is one rule in CEL.
  1 rule! string # Is the expression; self is the value.
  2 message string # Is the text for a value that breaks the rule.
  3 messageExpression string # Is an expression that makes this text.
  4 reason? string # Is the machine-readable cause, such as FieldValueInvalid.
  5 fieldPath string # Names the field that is to blame.
  6 optionalOldSelf? bool # Applies the rule where there is no old value too.

type WebhookClientConfig # Says how a server is reached.
  1 service? ServiceReference # Names a Service of the cluster.
  2 caBundle bytes # Holds the certificates that sign the server's, as PEM.
  3 url? string # Is its address, when it is no Service.

type WebhookConversion # Names the server that converts objects.
  2 clientConfig? WebhookClientConfig # Says how it is reached.
  3 conversionReviewVersions! []string list=atomic # Lists the versions of ConversionReview it understands.
`;
