/** How containerd says that a snapshot is mounted. */
export interface SnapshotMount {
  /** overlay or bind. */
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** The commands of mount(8) that make an image's files reachable. */
export interface ImageMountPlan {
  /** Where they run: layers are named from here, since the kernel takes one page of options. */
  readonly workDir: string;
  readonly commands: readonly (readonly string[])[];
}

/** Read-only, and nothing in it can be run on the host (KEP-4639). */
const OPTIONS = ["ro", "noexec"];

/** How to mount a read-only snapshot at `dir`; null: it is of another kind. */
export function planImageMount(
  { type, source, options }: SnapshotMount,
  dir: string,
): ImageMountPlan | null {
  if (type === "bind") {
    const remount = ["remount", "bind", ...OPTIONS].join(",");
    return {
      workDir: "/",
      commands: [
        ["--no-mtab", "--bind", source, dir],
        ["--no-mtab", "-o", remount, dir],
      ],
    };
  }
  const lower = options.find((option) => option.startsWith("lowerdir="));
  if (type !== "overlay" || lower === undefined) return null;
  const layers = lower.slice("lowerdir=".length).split(":");
  const workDir = commonFolder(layers);
  const near = layers.map((layer) => layer.slice(workDir.length + 1));
  const rest = options.filter((option) => option !== lower && !OPTIONS.includes(option));
  const all = [...OPTIONS, ...rest, `lowerdir=${near.join(":")}`].join(",");
  return { workDir, commands: [["--no-mtab", "-t", "overlay", "-o", all, "overlay", dir]] };
}

/** The deepest folder that all paths are below. */
function commonFolder(paths: readonly string[]): string {
  const [first = "", ...others] = paths.map((path) => path.split("/").slice(0, -1));
  const parts = typeof first === "string" ? [] : first;
  const end = parts.findIndex((part, i) => others.some((other) => other[i] !== part));
  return (end < 0 ? parts : parts.slice(0, end)).join("/");
}
