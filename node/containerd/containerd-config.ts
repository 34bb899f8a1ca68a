/** What a containerd instance of our own needs to know. Paths are absolute. */
export interface ContainerdSettings {
  /** Images, snapshots and metadata; grows. */
  readonly rootDir: string;
  /** Mounts and run-time state of containers. */
  readonly stateDir: string;
  readonly socketPath: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** The image of the process that holds a pod's namespaces; must be on the node already. */
  readonly sandboxImage: string;
  /** Holds one folder with a hosts.toml per mirrored registry. */
  readonly registryDir: string;
}

/** Plugins that would write outside our folders, or that nobody here uses. */
const DISABLED_PLUGINS: readonly string[] = [
  "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.restart",
  "io.containerd.internal.v1.tracing",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
];

/**
 * The configuration file of a containerd that serves CRI to one agent and shares nothing with any
 * other containerd of the machine. Version 2 of the format, which 1.6 to 2.x read.
 */
export function renderContainerdConfig(settings: ContainerdSettings): string {
  const cri = `[plugins."io.containerd.grpc.v1.cri"`;
  return `version = 2
root = ${toml(settings.rootDir)}
state = ${toml(settings.stateDir)}
disabled_plugins = ${toml(DISABLED_PLUGINS)}

[grpc]
  address = ${toml(settings.socketPath)}

${cri}]
  sandbox_image = ${toml(settings.sandboxImage)}
  # Root without CAP_SYS_RESOURCE (most sandboxes) may not lower the score of its children.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  enable_tls_streaming = false

${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false

${cri}.cni]
  bin_dir = ${toml(settings.cniBinDir)}
  conf_dir = ${toml(settings.cniConfDir)}
  max_conf_num = 1

${cri}.registry]
  config_path = ${toml(settings.registryDir)}
`;
}

/**
 * The hosts.toml that sends pulls from `registry` to `mirror` first, such as docker.io to
 * http://127.0.0.1:5000. The registry itself stays the fall-back.
 */
export function renderRegistryHosts(registry: string, mirror: string): string {
  const upstream =
    registry === "docker.io" ? "https://registry-1.docker.io" : `https://${registry}`;
  return `server = ${toml(upstream)}

[host.${toml(mirror)}]
  capabilities = ["pull", "resolve"]
`;
}

/** TOML's basic strings and JSON's agree on everything JSON.stringify writes. */
function toml(value: string | readonly string[]): string {
  return typeof value === "string" ? JSON.stringify(value) : `[${value.map(toml).join(", ")}]`;
}
