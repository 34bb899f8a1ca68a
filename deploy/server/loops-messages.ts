/** What the api process tells the worker with the loops. */
export type LoopsRequest = "stop" | { readonly type: "metrics"; readonly id: number };

/** What the worker answers: its metrics in Prometheus' text format. */
export interface LoopsAnswer {
  readonly type: "metrics";
  readonly id: number;
  readonly text: string;
}
