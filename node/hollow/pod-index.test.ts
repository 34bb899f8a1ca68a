import t from "tap";
import { RUNTIME_KEYS } from "../plan/pod-runtime.js";
import { PodIndex } from "./pod-index.js";

const ofPod = (uid: string) => ({ [RUNTIME_KEYS.podUid]: uid });

t.test("what is found, by id, by pod and by other labels", (t) => {
  const index = new PodIndex();
  const add = (id: string, labels: Readonly<Record<string, string>>): void =>
    index.add({ id, config: { labels } });
  add("a", { ...ofPod("one"), side: "left" });
  add("b", { ...ofPod("one"), side: "right" });
  add("c", ofPod("two"));
  add("d", { side: "left" });
  const ids = (filter: Parameters<typeof index.find>[0]): readonly string[] =>
    index.find(filter).map(({ id }) => id);
  t.same(ids({}), ["a", "b", "c", "d"]);
  t.same(ids({ labelSelector: ofPod("one") }), ["a", "b"]);
  t.same(ids({ labelSelector: { ...ofPod("one"), side: "right" } }), ["b"]);
  t.same(ids({ labelSelector: { side: "left" } }), ["a", "d"]);
  t.same(ids({ id: "c" }), ["c"]);
  t.same(ids({ id: "c", labelSelector: ofPod("one") }), []);
  index.delete("a");
  index.delete("nobody");
  t.same(ids({ labelSelector: ofPod("one") }), ["b"], "what was taken out is found no more");
  t.same(ids({ labelSelector: { side: "left" } }), ["d"]);
  index.delete("b");
  t.same(ids({ labelSelector: ofPod("one") }), []);
  t.end();
});
