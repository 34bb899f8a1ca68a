/** The looks of the report; it holds them itself, so that the file can be sent around. */
export const STYLE = `
:root { --ink: #1c2430; --soft: #5b6675; --line: #dde2e8; --paper: #fff; --wash: #f5f7f9;
  --ok: #3f7fbf; --fail: #c9ced6; --info: #e0a030; --bad: #c03535; --good: #2f7d4f;
  --doubt: #a06a00; --shade: #f3d9d4; --fault: #b4493a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa5b4; --line: #323a45;
  --paper: #161b22; --wash: #1e252e; --ok: #5b9bd9; --fail: #4a535f; --info: #d9a441;
  --bad: #e06c6c; --good: #5fb381; --doubt: #d9a441; --shade: #3a2624; --fault: #d98072; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 28px 32px 60px; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 17px; margin: 36px 0 6px; }
h3 { font-size: 13px; color: var(--soft); font-weight: 600; margin: 14px 0 2px; }
header { display: flex; gap: 18px; align-items: center; flex-wrap: wrap; }
.badge { font-weight: 700; color: #fff; padding: 4px 14px; border-radius: 4px; }
a { color: var(--ok); }
.word { font-weight: 600; }
.valid { color: var(--good); } .broken { color: var(--bad); } .unknown { color: var(--doubt); }
.badge.valid { background: var(--good); color: var(--paper); }
.badge.broken { background: var(--bad); color: var(--paper); }
.badge.unknown { background: var(--doubt); color: var(--paper); }
.facts { color: var(--soft); margin: 6px 0 0; }
table { border-collapse: collapse; width: 100%; margin: 8px 0; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code, td.key { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
.box { background: var(--wash); border-left: 4px solid var(--bad);
  padding: 8px 16px; margin: 12px 0; }
.box.doubt { border-color: var(--doubt); }
.box p, .box ul { margin: 4px 0; }
svg { width: 100%; height: auto; display: block; overflow: visible; }
svg text { fill: var(--ink); font-size: 11px; } svg .tick { fill: var(--soft); }
.grid { stroke: var(--line); stroke-width: 1; }
.shade { fill: var(--shade); }
.failing { fill: var(--bad); opacity: .7; stroke: var(--bad); }
.fault rect { fill: var(--shade); stroke: var(--fault); stroke-width: .8; }
.fault.missed rect { stroke-dasharray: 3 2; fill: none; }
.area.ok, .swatch.ok { fill: var(--ok); } .area.fail, .swatch.fail { fill: var(--fail); }
.area.info, .swatch.info { fill: var(--info); }
.line { fill: none; stroke-width: 1.6; } .line.p50 { stroke: var(--ok); }
.line.p99 { stroke: var(--info); } .max, .swatch.max { fill: var(--bad); }
.swatch.p50 { fill: var(--ok); } .swatch.p99 { fill: var(--info); }
`;
