import t from "tap";
import { everyPartWith } from "./kubectl-steps/every-part.js";
import { everyKubectl } from "./kubectl-steps/typists.js";

/** Every line with every kubectl on this computer. */

t.setTimeout(900_000);
everyPartWith(t, everyKubectl());
