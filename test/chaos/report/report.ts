import type { Call } from "../history.js";
import type { Fault } from "../nemeses/nemesis.js";
import { plural } from "../plural.js";
import { smallestWindow } from "../checkers/check-result.js";
import type { Verdict, WorkloadOutcome, WorkloadVerdict } from "../verdict.js";
import { type ChartFrame, escape, faultLanes, latencyChart, throughputChart } from "./charts.js";
import { seriesOf } from "./series.js";
import { STYLE } from "./style.js";

/** What a report tells of. */
export interface ReportInput {
  readonly verdict: Verdict;
  readonly workloads: readonly WorkloadOutcome[];
  readonly faults: readonly Fault[];
  readonly endNs: number;
  readonly options: { readonly servers: number; readonly nodes: number };
}

const CALLS_SHOWN_MAX = 40;
const VALUE_CHARACTERS_MAX = 160;

/** The report of a run: one HTML file that needs no other. Pure. */
export function renderReport(input: ReportInput): string {
  const { verdict, faults, endNs, workloads } = input;
  const endSeconds = endNs / 1e9;
  const sections = workloads.map((outcome) => {
    const own = verdict.workloads[outcome.name];
    return own === undefined ? "" : workloadSection(outcome, own, { endSeconds, faults });
  });
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Chaos: ${wordFor(verdict.valid)}, seed ${verdict.seed}</title>`,
    `<style>${STYLE}</style></head><body><main>`,
    heading(input),
    casualtiesBox(verdict),
    doubts(verdict),
    summaryTable(verdict),
    ...sections,
    faultTable(faults, verdict),
    "</main></body></html>",
    "",
  ].join("\n");
}

function heading({ verdict, options }: ReportInput): string {
  const { servers, nodes } = options;
  const shape = `${plural(servers, "server")}, ${plural(nodes, "simulated node")}`;
  return [
    `<header><h1>Raftsman under attack</h1>${badge(verdict.valid)}</header>`,
    `<p class="facts">${shape} · ${verdict.seconds} s · seed ${verdict.seed} · replicas: `,
    `${escape(verdict.replicas.evidence)}</p>`,
  ].join("");
}

function casualtiesBox({ casualties }: Verdict): string {
  if (casualties.length === 0) return "";
  const items = casualties.map((what) => `<li>${escape(what)}</li>`).join("");
  return `<div class="box"><p><b>A server did not survive.</b></p><ul>${items}</ul></div>`;
}

function doubts({ inconclusive }: Verdict): string {
  if (inconclusive.length === 0) return "";
  const items = inconclusive.map((why) => `<li>${escape(why)}</li>`).join("");
  return `<div class="box doubt"><p>This run proves less than it should:</p><ul>${items}</ul></div>`;
}

function summaryTable({ workloads }: Verdict): string {
  const rows = Object.entries(workloads).map(([name, each]) => {
    const checked = Object.entries(each.checked)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ");
    return [
      `<tr><td><a href="#${name}">${name}</a></td><td>${word(each.valid)}</td>`,
      ...[each.ok, each.fail, each.info].map((count) => `<td class="number">${count}</td>`),
      `<td>${escape(checked)}</td></tr>`,
    ].join("");
  });
  const head = ["ok", "refused", "unknown"].map((text) => `<th class="number">${text}</th>`);
  return [
    "<table><tr><th>workload</th><th>verdict</th>",
    ...head,
    "<th>what was checked</th></tr>",
    ...rows,
    "</table>",
  ].join("");
}

function workloadSection(
  outcome: WorkloadOutcome,
  verdict: WorkloadVerdict,
  { endSeconds, faults }: { endSeconds: number; faults: readonly Fault[] },
): string {
  const frame: ChartFrame = { endSeconds, faults, failing: verdict.smallestFailingWindow };
  const buckets = seriesOf(outcome.calls, endSeconds);
  return [
    `<section id="${outcome.name}"><h2>${outcome.name} ${word(verdict.valid)}</h2>`,
    violations(outcome, verdict),
    "<h3>faults</h3>",
    faultLanes(frame),
    "<h3>operations a second</h3>",
    throughputChart(buckets, frame),
    "<h3>latency of operations that were done</h3>",
    latencyChart(buckets, frame),
    "</section>",
  ].join("\n");
}

function violations({ result }: WorkloadOutcome, verdict: WorkloadVerdict): string {
  const { smallestFailingWindow: window, violationCount } = verdict;
  if (window === null) return undecidedBox(verdict);
  const smallest = smallestWindow(result.violations);
  const others = verdict.violations.map(
    ({ kind, key, message }) =>
      `<li><b>${escape(kind)}</b> <code>${escape(key)}</code> ${escape(message)}</li>`,
  );
  const more = violationCount - others.length;
  return [
    `<div class="box"><p><b>${violationCount} ${violationCount === 1 ? "violation" : "violations"}.</b> The smallest failing window is `,
    `${window.startSeconds.toFixed(3)} s to ${window.endSeconds.toFixed(3)} s: `,
    `<b>${escape(window.kind)}</b> <code>${escape(window.key)}</code> `,
    `${escape(window.message)}</p>`,
    callTable(smallest?.violation.calls ?? []),
    `<ul>${others.join("")}</ul>${more > 0 ? `<p>… and ${more} more</p>` : ""}</div>`,
  ].join("");
}

function undecidedBox({ undecided }: WorkloadVerdict): string {
  if (undecided.length === 0) return "";
  const items = undecided.map((why) => `<li>${escape(why)}</li>`).join("");
  return `<div class="box doubt"><p>Not decided:</p><ul>${items}</ul></div>`;
}

function callTable(calls: readonly Call[]): string {
  const rows = calls.slice(0, CALLS_SHOWN_MAX).map((call) => {
    const end = Number.isFinite(call.endNs) ? (call.endNs / 1e9).toFixed(4) : "never known";
    return [
      `<tr><td class="number">${call.process}</td><td>${escape(call.server)}</td>`,
      `<td>${escape(call.f)}</td>`,
      `<td class="key">${escape(shortJson(call.input))}</td><td>${call.outcome}</td>`,
      `<td class="key">${escape(shortJson(call.output))}</td>`,
      `<td class="number">${(call.startNs / 1e9).toFixed(4)}</td>`,
      `<td class="number">${end}</td></tr>`,
    ].join("");
  });
  return [
    '<table><tr><th class="number">process</th><th>server</th><th>f</th><th>given</th><th>outcome</th>',
    '<th>answered</th><th class="number">from s</th><th class="number">to s</th></tr>',
    ...rows,
    "</table>",
  ].join("");
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}

function faultTable(faults: readonly Fault[], { nemeses }: Verdict): string {
  const rows = faults.map(({ nemesis, targets, bit, evidence, startNs, endNs }) =>
    [
      `<tr><td class="number">${(startNs / 1e9).toFixed(1)}</td>`,
      `<td class="number">${((endNs - startNs) / 1e9).toFixed(1)}</td>`,
      `<td>${escape(nemesis)}</td><td>${escape(targets.join("; "))}</td>`,
      `<td>${bit ? word(true, "yes") : word(false, "no")}</td><td>${escape(evidence)}</td></tr>`,
    ].join(""),
  );
  const never = Object.entries(nemeses).filter(([, { attacks }]) => attacks === 0);
  const missing =
    never.length === 0
      ? ""
      : `<p>Never came: ${escape(never.map(([name]) => name).join(", "))}.</p>`;
  return [
    '<h2>Faults</h2><table><tr><th class="number">at s</th><th class="number">for s</th>',
    "<th>nemesis</th><th>on</th><th>took hold</th><th>as seen by</th></tr>",
    ...rows,
    `</table>${missing}`,
  ].join("");
}

function badge(valid: boolean | "unknown"): string {
  return `<span class="badge ${classFor(valid)}">${wordFor(valid)}</span>`;
}

function word(valid: boolean | "unknown", text = wordFor(valid)): string {
  return `<span class="word ${classFor(valid)}">${text}</span>`;
}

function wordFor(valid: boolean | "unknown"): string {
  return valid === true ? "valid" : valid === false ? "broken" : "inconclusive";
}

function classFor(valid: boolean | "unknown"): string {
  return valid === true ? "valid" : valid === false ? "broken" : "unknown";
}
