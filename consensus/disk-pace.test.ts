import t from "tap";
import { DiskPace } from "./disk-pace.js";

void t.test("only a very slow disk slows elections down", async (t) => {
  const pace = new DiskPace();
  t.equal(pace.stretch(0), 1);
  pace.begin(1_000);
  t.equal(pace.stretch(1_300), 1);
  t.equal(pace.stretch(3_000), 12, "also while it is not done");
  pace.end(3_000);
  t.equal(pace.stretch(60_000), 12, "that is how it was last time");
  pace.begin(60_000);
  pace.begin(60_010);
  pace.end(60_005);
  t.equal(pace.stretch(60_020), 1);
  pace.end(60_020);
  t.equal(pace.stretch(90_000), 1, "fast again");
});
