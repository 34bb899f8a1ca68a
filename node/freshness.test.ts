import t from "tap";
import { Freshness } from "./freshness.js";

void t.test("what changes while it is being made is made once more", async (t) => {
  const files = new Freshness();
  t.notOk(files.isFresh, "nothing is made yet");
  const first = files.begin();
  t.notOk(files.isFresh);
  files.changed();
  first();
  t.notOk(files.isFresh, "it changed in between");
  const second = files.begin();
  second();
  t.ok(files.isFresh);
  files.changed();
  t.notOk(files.isFresh);
});
