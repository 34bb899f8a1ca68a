import { Counter, Histogram, type Registry } from "prom-client";

/** `admit` is what mutating webhooks do. */
export type WebhookType = "admit" | "validating";

/** How a webhook's call ended; a code of 0: there was none. */
export interface WebhookOutcome {
  readonly name: string;
  readonly type: WebhookType;
  readonly operation: string;
  readonly seconds: number;
  readonly code: number;
  /** Why the write was refused; null: it was not. */
  readonly rejection: "no_error" | "calling_webhook_error" | "apiserver_internal_error" | null;
  /** The call failed and the write went on: failurePolicy Ignore. */
  readonly failedOpen: boolean;
}

/** Calls of admission webhooks under the names that operators know from Kubernetes. */
export class WebhookMetrics {
  private readonly duration: Histogram;
  private readonly rejections: Counter;
  private readonly requests: Counter;
  private readonly failedOpen: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: "apiserver_admission_webhook_admission_duration_seconds",
      help: "Time that admission webhooks took, by webhook and operation.",
      labelNames: ["name", "type", "operation", "rejected"],
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
      registers,
    });
    this.rejections = new Counter({
      name: "apiserver_admission_webhook_rejection_count",
      help: "Writes that admission webhooks refused, or that were refused because one failed.",
      labelNames: ["name", "type", "operation", "error_type", "rejection_code"],
      registers,
    });
    this.requests = new Counter({
      name: "apiserver_admission_webhook_request_total",
      help: "Calls of admission webhooks, by webhook, operation and status code.",
      labelNames: ["name", "type", "operation", "code", "rejected"],
      registers,
    });
    this.failedOpen = new Counter({
      name: "apiserver_admission_webhook_fail_open_count",
      help: "Calls of admission webhooks that failed and were ignored.",
      labelNames: ["name", "type"],
      registers,
    });
  }

  observe(outcome: WebhookOutcome): void {
    const { name, type, operation, seconds, code, rejection } = outcome;
    const rejected = String(rejection !== null);
    this.duration.observe({ name, type, operation, rejected }, seconds);
    this.requests.inc({ name, type, operation, code: String(code), rejected });
    if (outcome.failedOpen) this.failedOpen.inc({ name, type });
    if (rejection === null) return;
    const rejection_code = String(code);
    this.rejections.inc({ name, type, operation, error_type: rejection, rejection_code });
  }
}
