import type { MetricFamily } from "./metric-text.js";
import type { FileSystemStats, NodeSample } from "./node-sample.js";

const AMOUNTS: readonly (readonly [
  name: string,
  help: string,
  amount: (of: FileSystemStats) => number,
])[] = [
  ["capacity_bytes", "Bytes of the volume.", (fs) => fs.capacityBytes],
  ["available_bytes", "Bytes of the volume that are left.", (fs) => fs.availableBytes],
  ["used_bytes", "Bytes of the volume in use.", (fs) => fs.usedBytes],
  ["inodes", "Inodes of the volume.", (fs) => fs.inodes],
  ["inodes_free", "Free inodes of the volume.", (fs) => fs.inodesFree],
  ["inodes_used", "Inodes of the volume in use.", (fs) => fs.inodes - fs.inodesFree],
];

/**
 * The kubelet's series of claimed volumes, each claim once. A volume that is a folder has the
 * amounts of the disk that it is on, as with the kubelet.
 */
export function volumeMetrics(sample: NodeSample | null): readonly MetricFamily[] {
  const claims = new Map(
    (sample?.pods ?? []).flatMap(({ namespace, claims: all }) =>
      all.map(({ claim, fileSystem }) => {
        const labels = { namespace, persistentvolumeclaim: claim };
        return [`${namespace}/${claim}`, { labels, fileSystem }] as const;
      }),
    ),
  );
  return AMOUNTS.map(([name, help, amount]) => ({
    name: `kubelet_volume_stats_${name}`,
    type: "gauge",
    help,
    series: Array.from(claims.values(), ({ labels, fileSystem }) => ({
      labels,
      value: amount(fileSystem),
    })),
  }));
}
