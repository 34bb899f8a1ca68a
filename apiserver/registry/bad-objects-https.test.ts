import t from "tap";
import { TestServer } from "../test-server.js";
import { BAD_OBJECTS, type BadObject } from "./bad-objects.js";
import { kindOfManifest } from "./test-objects.js";

function pathOf({ manifest }: BadObject): string {
  const { group, apiVersion, namespaced, plural } = kindOfManifest(manifest);
  const root = group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
  const folder = namespaced ? `${root}/namespaces/default` : root;
  return `${folder}/${plural}`;
}

void t.test("bad objects are refused over HTTPS, and nothing is stored", async (t) => {
  const server = await TestServer.start();
  t.teardown(() => server.close());
  for (const bad of BAD_OBJECTS) {
    const answer = await server.send("POST", `${pathOf(bad)}?fieldValidation=Strict`, {
      body: bad.manifest,
    });
    const body = answer.body as {
      readonly reason?: string;
      readonly message?: string;
      readonly details?: { readonly causes?: readonly unknown[] };
    };
    t.equal(answer.status, bad.status, `${bad.name}: ${body.message ?? ""}`);
    t.equal(body.reason, bad.status === 422 ? "Invalid" : "BadRequest", bad.name);
    if (bad.status === 422) t.same(body.details?.causes, bad.causes, bad.name);
    else t.ok((body.message ?? "").includes(bad.message ?? "?"), bad.name);
  }
  for (const path of new Set(BAD_OBJECTS.map(pathOf))) {
    const { body } = await server.send("GET", path);
    const names = (body["items"] as readonly { metadata: { name: string } }[]).map(
      ({ metadata }) => metadata.name,
    );
    t.notOk(names.includes("bad"), `nothing called bad in ${path}`);
  }
});
