import t from "tap";
import { openBundle, sealBundle } from "./key-bundle.js";

const FILES = { "ca.crt": "a certificate", "ca.key": "a key" };

void t.test("opens with its token, with no other, and not when it was changed", async (t) => {
  const token = "abcdef.0123456789abcdef";
  const bundle = await sealBundle(FILES, token);
  t.notMatch(JSON.stringify(bundle), /a key|YSBrZXk/, "nothing can be read in it");
  t.same(await openBundle(JSON.parse(JSON.stringify(bundle)), token), FILES);
  const rejected = { code: "WrongToken" };
  await t.rejects(openBundle(bundle, "abcdef.0123456789abcdeg"), rejected);
  const data = Buffer.from(bundle.data, "base64");
  data[3] = (data[3] ?? 0) ^ 1;
  await t.rejects(openBundle({ ...bundle, data: data.toString("base64") }, token), rejected);
  await t.rejects(openBundle({ ...bundle, version: 2 }, token), rejected);
  await t.rejects(openBundle(null, token), rejected);
  t.not((await sealBundle(FILES, token)).salt, bundle.salt, "each with a key of its own");
});
