/**
 * Takes down one node from inside its network namespace: `node teardown-process.js OPTIONS`, with
 * the TeardownOptions as JSON. Ends with 1 and the reason on stderr when something was left.
 */
import { messageOf } from "../../base/errors.js";
import { teardownNode, type TeardownOptions } from "../../node/teardown.js";

try {
  await teardownNode(JSON.parse(process.argv[2] ?? "") as TeardownOptions);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
