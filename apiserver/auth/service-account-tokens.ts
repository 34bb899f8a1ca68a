import { createHash } from "node:crypto";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import type { Identity, ObjectReader } from "../server/http-types.js";
import type { WatchCache } from "../storage/watch-cache.js";
import { type BoundObject, boundObjectsOf, CachedBoundObjects, isAlive } from "./bound-objects.js";
import { isSignedBy, parseToken, signToken } from "./json-web-token.js";
import type { TokenKeys } from "./token-keys.js";
import { decodeClaims, encodeClaims, identityOfClaims, type TokenClaims } from "./token-claims.js";

export interface ServiceAccountTokensDeps {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly cache: WatchCache;
  /** Asks the store itself. */
  readonly newest: ObjectReader;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** Whose a token is, and for whom it was meant. */
export interface TokenOwner {
  readonly identity: Identity;
  readonly audiences: readonly string[];
}

/** A token whose signature was checked. */
interface Verified {
  readonly claims: TokenClaims;
  readonly owner: TokenOwner;
  readonly bound: readonly BoundObject[];
  /** The store said that a bound object is gone: it does not come back under the same uid. */
  ended: boolean;
}

/** So many tokens are remembered; the longest known goes first. */
const VERIFIED_MAX = 8_192;

/** Makes and checks the tokens of service accounts. */
export class ServiceAccountTokens {
  readonly issuer: string;
  private readonly deps: ServiceAccountTokensDeps;
  private readonly objects: CachedBoundObjects;
  /** By the token's digest, so that memory holds no credentials. */
  private readonly verified = new Map<string, Verified>();

  constructor(deps: ServiceAccountTokensDeps) {
    this.deps = deps;
    this.issuer = deps.issuer;
    this.objects = new CachedBoundObjects(deps.cache);
  }

  /** The signed token. `claims` is all but what only this server knows. */
  issue(
    claims: Omit<TokenClaims, "issuer" | "id" | "issuedAt" | "notBefore" | "expires">,
    seconds: number,
  ): { readonly token: Promise<string>; readonly expiresMs: number } {
    const now = Math.floor(this.deps.clock.nowMs() / 1_000);
    const times = { issuedAt: now, notBefore: now, expires: now + seconds };
    const whole = { ...claims, ...times, issuer: this.issuer, id: this.deps.newId() };
    const token = signToken(encodeClaims(whole), this.deps.keys.signing);
    return { token, expiresMs: times.expires * 1_000 };
  }

  /**
   * Whose the token is; null when it is not good, or not meant for one of `audiences`. Answers at
   * once when the token and what it is bound to are known.
   */
  authenticate(
    token: string,
    audiences: readonly string[] = [this.issuer],
  ): TokenOwner | null | Promise<TokenOwner | null> {
    const verified = this.verify(token);
    if (verified === null || verified.ended) return null;
    const { claims, owner, bound } = verified;
    const now = this.deps.clock.nowMs();
    if (now >= claims.expires * 1_000 || now < claims.notBefore * 1_000) return null;
    if (!claims.audiences.some((audience) => audiences.includes(audience))) return null;
    const doubtful = bound.filter((one) => !isAlive(one, this.objects.get(one), now));
    return doubtful.length === 0 ? owner : this.askStore(verified, doubtful);
  }

  /** The cache may be older than the token: only the store can say that an object is gone. */
  private async askStore(
    verified: Verified,
    doubtful: readonly BoundObject[],
  ): Promise<TokenOwner | null> {
    const found = await Promise.all(
      doubtful.map(({ id, namespace, object }) =>
        this.deps.newest.get(id, { namespace, name: object.name }),
      ),
    );
    const now = this.deps.clock.nowMs();
    const alive = doubtful.every((one, index) =>
      isAlive(one, (found[index] ?? null) as KubernetesObject | null, now),
    );
    verified.ended = !alive;
    return alive ? verified.owner : null;
  }

  private verify(token: string): Verified | null {
    const digest = createHash("sha256").update(token).digest("base64");
    const known = this.verified.get(digest);
    if (known !== undefined) return known;
    const parsed = parseToken(token);
    const key = parsed === null ? undefined : this.deps.keys.trusted.get(parsed.keyId);
    if (parsed === null || key === undefined || !isSignedBy(parsed, key)) return null;
    const claims = decodeClaims(parsed.claims);
    if (claims === null || claims.issuer !== this.issuer) return null;
    const owner = { identity: identityOfClaims(claims), audiences: claims.audiences };
    const verified = { claims, owner, bound: boundObjectsOf(claims), ended: false };
    this.remember(digest, verified);
    return verified;
  }

  private remember(digest: string, verified: Verified): void {
    this.verified.set(digest, verified);
    if (this.verified.size <= VERIFIED_MAX) return;
    for (const oldest of this.verified.keys()) {
      this.verified.delete(oldest);
      return;
    }
  }
}
