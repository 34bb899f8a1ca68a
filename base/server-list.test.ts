import t from "tap";
import { ServerList } from "./server-list.js";

const [A, B, C] = ["https://a:1", "https://b:1", "https://c:1"];

t.test("begins where it is told to", (t) => {
  t.same(new ServerList([A, B, C]).urls(), [A, B, C]);
  t.same(new ServerList([A, B, C], { spread: 4 }).urls(), [B, C, A]);
  t.end();
});

t.test("what is learned is taken in; known servers keep their places", (t) => {
  const list = new ServerList([A]);
  t.equal(list.learn([A, B, C]), true);
  t.same(list.urls(), [A, B, C]);
  list.demote(A);
  t.equal(list.learn([C, B, A]), false, "the same servers in another order are no news");
  t.same(list.urls(), [B, C, A]);
  t.equal(list.learn([C]), true, "one that is gone");
  t.same(list.urls(), [C, A], "what was configured stays");
  t.equal(list.learn([]), false);
  t.end();
});

t.test("a server that is left is left by all, unless it is the only one", (t) => {
  const list = new ServerList([A, B]);
  const left: string[] = [];
  const end = list.onLeave((url) => left.push(url));
  list.leave(A);
  t.same(list.urls(), [B, A]);
  list.demote(B);
  t.same(left, [A], "a demotion is silent");
  end();
  list.leave(A);
  t.same(left, [A]);
  const only = new ServerList([A]);
  only.onLeave(() => t.fail("there is nowhere to go"));
  only.leave(A);
  t.end();
});
