import type { KindInfo } from "../../api/schema/kinds.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import type { Store } from "../../consensus/consensus.js";
import type { AdmissionChain } from "../admission/admission.js";
import type { QuotaAdmission } from "../admission/quota-admission.js";
import type { Authorizer } from "../auth/authorizer.js";
import type { ServiceAccountTokens } from "../auth/service-account-tokens.js";
import type { UsageTable } from "../agents/usage-table.js";
import type { CustomKinds } from "../extension/custom-kinds.js";
import type { ApiRequest } from "../server/http-types.js";
import type { ResourceRequestInfo } from "../server/request-info.js";
import type { Freshness } from "../storage/freshness.js";
import type { Overlay } from "../storage/overlay.js";
import type { ServiceAllocator } from "../storage/service-allocator.js";
import type { Storage } from "../storage/storage.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { KindView } from "./kind-view.js";
import type { RenewTimes } from "./renew-times.js";

/** What handlers work with; one for the life of the server. */
export interface HandlerDeps {
  readonly store: Store;
  readonly storage: Storage;
  readonly cache: WatchCache;
  readonly freshness: Freshness;
  readonly admission: AdmissionChain;
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
  readonly allocator: ServiceAllocator;
  readonly quotas: QuotaAdmission;
  readonly renewTimes: RenewTimes;
  readonly customKinds: CustomKinds;
  readonly usage: UsageTable;
  readonly overlays: readonly Overlay[];
  readonly clock: Clock;
  readonly random: Random;
  readonly newUid: () => string;
  readonly logger: Logger;
}

/** One request for objects of a kind that is served. */
export interface ResourceCall {
  readonly request: ApiRequest;
  readonly info: ResourceRequestInfo;
  readonly kind: KindInfo;
  readonly view: KindView;
}
