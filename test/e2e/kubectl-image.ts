import { installedKubectls } from "../../api/streaming/test-kubectls.js";
import type { ImageSource } from "../../node/containerd/image-archive.js";
import { sharedLibraries } from "./shared-libraries.js";

/** An image whose entry point is kubectl. */
export const KUBECTL_IMAGE = "localhost/raftsman-test/kubectl:1";

/** The newest kubectl of this computer alone, as an image. */
export function kubectlImage(): ImageSource {
  const path = installedKubectls().at(-1)?.path ?? "";
  return {
    name: KUBECTL_IMAGE,
    layers: [
      [
        { type: "directory", path: "bin" },
        { type: "directory", path: "tmp", mode: 0o1777 },
        { type: "file", path: "bin/kubectl", mode: 0o755, content: { fromFile: path } },
        ...librariesOf(path),
      ],
    ],
    config: { Entrypoint: ["/bin/kubectl"], Env: ["PATH=/bin", "HOME=/tmp"] },
  };
}

/** None for a program that is linked statically, which ldd answers with a failure. */
function librariesOf(path: string): ReturnType<typeof sharedLibraries> {
  try {
    return sharedLibraries(path);
  } catch {
    return [];
  }
}
