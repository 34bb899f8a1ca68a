import t from "tap";
import { systemClock } from "./system-clock.js";

void t.test("what is due in a year is not due now", async (t) => {
  let runs = 0;
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  process.on("warning", onWarning);
  const cancel = systemClock.schedule(365 * 86_400_000, () => {
    runs += 1;
  });
  const cancelled = systemClock.schedule(2 ** 31 + 1, () => {
    runs += 1;
  });
  cancelled();
  await new Promise<void>((resolve) => systemClock.schedule(5, resolve));
  cancel();
  process.off("warning", onWarning);
  t.equal(runs, 0);
  t.strictSame(warnings, []);
});
