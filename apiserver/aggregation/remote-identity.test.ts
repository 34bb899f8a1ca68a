import t from "tap";
import { remoteHeaders, withoutClaims } from "./remote-identity.js";

t.test("an identity as headers", (t) => {
  const extra = { "example.com/scopes": ["a", "ä"], "100%": ["b"] };
  t.strictSame(remoteHeaders({ name: "jürgen", uid: "u", groups: ["a, b", "c"], extra }), {
    "X-Remote-User": "jÃ¼rgen",
    "X-Remote-Uid": "u",
    "X-Remote-Group": ["a, b", "c"],
    "X-Remote-Extra-example.com%2Fscopes": ["a", "Ã¤"],
    "X-Remote-Extra-100%25": ["b"],
  });
  const least = { name: "system:anonymous", uid: "", groups: [], extra: {} };
  t.strictSame(remoteHeaders(least), { "X-Remote-User": "system:anonymous" });
  t.end();
});

t.test("what a client says of itself is taken away", (t) => {
  const claims = {
    "x-remote-user": "root",
    "x-remote-uid": "0",
    "x-remote-group": ["a"],
    "x-remote-extra-scopes": "x",
  };
  const others = { "x-remote-address": "10.0.0.1", accept: "*/*" };
  t.strictSame(withoutClaims({ ...claims, ...others }), others);
  t.end();
});
