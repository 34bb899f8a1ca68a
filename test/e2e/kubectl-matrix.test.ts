import t from "tap";
import { everyPartWith } from "./kubectl-steps/every-part.js";
import { newest } from "./kubectl-steps/typists.js";

/** Every line with the newest kubectl on this computer. */

t.setTimeout(900_000);
everyPartWith(t, newest());
