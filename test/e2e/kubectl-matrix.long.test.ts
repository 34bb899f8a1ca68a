import t from "tap";
import { everyPartWith } from "./kubectl-steps/every-part.js";
import { thoroughOlder } from "./kubectl-steps/typists.js";

/** Every line with each older kubectl, too. */

t.setTimeout(1_800_000);
everyPartWith(t, thoroughOlder());
