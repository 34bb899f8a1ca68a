import t from "tap";
import { FasterPeer } from "./faster-peer.js";

void t.test("leadership goes to who was ahead at two looks in a row", async (t) => {
  const faster = new FasterPeer();
  const b = { peer: "b", match: 7 };
  t.equal(faster.look(b, 7), null, "once may be chance");
  t.equal(faster.look(b, 7), "b");
  t.equal(faster.look({ ...b, match: 6 }, 7), null, "not on its disk");
  t.equal(faster.look(b, 7), null);
  t.equal(faster.look({ peer: "c", match: 9 }, 7), null, "another one");
  t.equal(faster.look(null, 7), null, "nobody");
  t.equal(faster.look(b, 7), null);
  t.equal(faster.look({ ...b, match: 9 }, 8), null, "another write");
});
