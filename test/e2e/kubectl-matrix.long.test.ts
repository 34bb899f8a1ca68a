import t from "tap";
import { everyPartWith } from "./kubectl-steps/every-part.js";
import { thoroughBetween } from "./kubectl-steps/typists.js";

/** The nuances with the kubectls between the oldest and the newest, too. */

t.setTimeout(1_800_000);
everyPartWith(t, thoroughBetween());
