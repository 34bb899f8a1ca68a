import t from "tap";
import type { RuntimeImage } from "../cri/cri-types.js";
import { bytesToFree, IMAGE_POLICY, removableImages, trackImages } from "./image-garbage.js";

const image = (name: string, more: Partial<RuntimeImage> = {}): RuntimeImage => ({
  id: `sha256:${name}`,
  repoTags: [`r/${name}:1`],
  repoDigests: [],
  size: 10,
  uid: null,
  username: "",
  pinned: false,
  ...more,
});
const MINUTE = 60_000;

void t.test("how much images have to give back", (t) => {
  const free = (availableBytes: number, policy = IMAGE_POLICY): number =>
    bytesToFree({ capacityBytes: 1000, availableBytes }, policy);
  t.equal(free(160), 0, "84 % used");
  t.equal(free(150), 50, "85 % used: down to 80 %");
  t.equal(free(0), 200);
  t.equal(free(0, { ...IMAGE_POLICY, highPercent: 100 }), 0, "never");
  t.equal(bytesToFree({ capacityBytes: 0, availableBytes: 0 }, IMAGE_POLICY), 0);
  t.end();
});

void t.test("which images may go, and in which order", (t) => {
  const all = ["never", "once", "now", "byTag", "pause", "pinned"].map((name) =>
    image(name, { pinned: name === "pinned" }),
  );
  const uses = (...names: string[]) =>
    names.map((name) => ({ imageRef: `sha256:${name}`, image: { image: "other" } }));
  const look = (
    before: ReturnType<typeof trackImages>,
    nowMs: number,
    containers: ReturnType<typeof uses>,
    images = all,
  ) => trackImages(before, { images, containers, kept: ["r/pause:1"], nowMs });
  const first = look(new Map(), MINUTE, uses("once", "now"));
  const tagged = [...uses("now"), { imageRef: "", image: { image: "r/byTag:1" } }];
  const later = look(first, 10 * MINUTE, tagged, [...all, image("new")]);
  const order = (nowMs: number): string[] =>
    removableImages(later.values(), { minAgeMs: 2 * MINUTE, nowMs }).map(({ id }) => id.slice(7));
  t.same(order(10 * MINUTE), ["never", "once"]);
  t.same(order(12 * MINUTE), ["never", "new", "once"], "a new one gets two minutes");
  const gone = look(later, 20 * MINUTE, [], [image("now")]);
  t.equal(gone.size, 1, "what is gone is forgotten");
  t.end();
});
