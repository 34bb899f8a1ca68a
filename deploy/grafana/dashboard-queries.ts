/** A dashboard of Grafana, as far as it is looked at here. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

/**
 * What the panels of a dashboard (JSON) ask Prometheus, with all of each variable chosen and the
 * shortest window that Grafana would take.
 */
export function dashboardQueries(text: string): readonly string[] {
  const { panels, templating } = JSON.parse(text) as Dashboard;
  const filled = (expr: string): string =>
    templating.list.reduce(
      (query, { name }) => query.replaceAll(`$${name}`, ".*"),
      expr.replaceAll("$__rate_interval", "1m"),
    );
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => filled(expr)));
}
