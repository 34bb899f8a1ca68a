import t from "tap";
import { everyPartWith } from "./kubectl-steps/every-part.js";
import { newestAndOldest } from "./kubectl-steps/typists.js";

/** Every line with the newest kubectl on this computer, and one form of each with the oldest. */

t.setTimeout(900_000);
everyPartWith(t, newestAndOldest());
