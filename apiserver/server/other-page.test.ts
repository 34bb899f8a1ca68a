import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { OtherPage } from "./other-page.js";

t.test("the last page stands for a part that is busy, for a while", async (t) => {
  const clock = new ManualClock();
  const answers: ((text: string) => void)[] = [];
  const page = new OtherPage("loops", () => new Promise((resolve) => answers.push(resolve)), clock);
  const early = page.text();
  answers.shift()?.("depth 1\n");
  t.equal(await early, "depth 1\n");

  const late = page.text();
  clock.advance(2_000);
  t.equal(await late, "# loops does not answer; from 2 s ago\ndepth 1\n");
  const again = page.text();
  t.equal(answers.length, 1, "who does not answer is not asked twice at a time");
  clock.advance(29_000);
  t.equal(await again, "# loops does not answer\n", "too old");

  answers.shift()?.("depth 9\n");
  await new Promise((resolve) => setImmediate(resolve));
  const after = page.text();
  clock.advance(2_000);
  t.equal(await after, "# loops does not answer; from 2 s ago\ndepth 9\n", "a late answer counts");
});

t.test("a part that fails says why", async (t) => {
  const failing = new OtherPage(
    "consensus",
    () => Promise.reject(new Error("gone")),
    new ManualClock(),
  );
  t.equal(await failing.text(), '# consensus: "gone"\n');
});
