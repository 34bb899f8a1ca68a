import t from "tap";
import { LinkRewriter, type ProxiedPlace, proxiedUrl } from "./proxied-links.js";

const place: ProxiedPlace = { prefix: "/api/x/proxy", hosts: ["pod:80", "localhost:8001"] };

function rewrite(page: string, size = page.length): string {
  const rewriter = new LinkRewriter(place);
  let out = "";
  for (let at = 0; at < page.length; at += size) out += rewriter.push(page.slice(at, at + size));
  return out + rewriter.end();
}

void t.test("urls", (t) => {
  const seen: Readonly<Record<string, string>> = {
    "/": "/api/x/proxy/",
    "/a/b?c=/d#e": "/api/x/proxy/a/b?c=/d#e",
    "http://pod:80/a": "/api/x/proxy/a",
    "HTTPS://POD:80/a/": "/api/x/proxy/a/",
    "//localhost:8001/a": "/api/x/proxy/a",
    "http://localhost:8001/api/x/proxy/a": "/api/x/proxy/a",
    "/api/x/proxy": "/api/x/proxy",
    "/api/x/proxy/a": "/api/x/proxy/a",
    "/api/x/proxying": "/api/x/proxy/api/x/proxying",
  };
  for (const [url, wanted] of Object.entries(seen)) t.equal(proxiedUrl(url, place), wanted, url);
  const kept = [
    "",
    "a",
    "../a",
    "?a",
    "#a",
    "http://other/a",
    "//other/a",
    "http://pod:80",
    "data:,a",
  ];
  for (const url of kept) t.equal(proxiedUrl(url, place), url, url);
  t.end();
});

const PAGE = [
  "<!DOCTYPE html><html manifest=/m><head><title><a href='/not'></title>",
  '<link rel="x" href="/style.css"/><script src=\'/s.js\'>if (a<b) f("<a href=/no>")</script>',
  '</head><!-- <a href="/no"> --><body background = "/b"><A HREF="/a?x=1&amp;y=2" class="/c">',
  '<img alt="a > b" src="/i.png"><a title=href="/no"><a href><a href=""><p href="/no">1 < 2',
  "<constructor href=/no>\u00c3\u00a4<form action=/f></body></html>",
].join("");
const SEEN = [
  "<!DOCTYPE html><html manifest=/api/x/proxy/m><head><title><a href='/not'></title>",
  '<link rel="x" href="/api/x/proxy/style.css"/>',
  "<script src='/api/x/proxy/s.js'>if (a<b) f(\"<a href=/no>\")</script>",
  '</head><!-- <a href="/no"> --><body background = "/api/x/proxy/b">',
  '<A HREF="/api/x/proxy/a?x=1&amp;y=2" class="/c">',
  '<img alt="a > b" src="/api/x/proxy/i.png"><a title=href="/no"><a href><a href="">',
  '<p href="/no">1 < 2',
  "<constructor href=/no>\u00c3\u00a4<form action=/api/x/proxy/f></body></html>",
].join("");

void t.test("pages, however they are cut", (t) => {
  for (const size of [PAGE.length, 1, 2, 3, 7, 64]) t.equal(rewrite(PAGE, size), SEEN, `${size}`);
  t.end();
});

void t.test("what has no end is passed on", (t) => {
  for (const rest of ["<", "<a", '<a href="/x', "<!-- <a href=/x>", "<script>a</scr", "<a href=/x"])
    t.equal(rewrite(`text${rest}`), `text${rest}`, rest);
  const long = `<a ${"x".repeat(100_000)} href="/x"><a href="/y">`;
  t.equal(rewrite(long, 1_000), long.replace('"/y"', '"/api/x/proxy/y"'));
  t.end();
});

void t.test("a prefix cannot leave its attribute", (t) => {
  const rewriter = new LinkRewriter({ prefix: "/a\"'<&>", hosts: [] });
  t.equal(rewriter.push('<a href="/b">'), '<a href="/a&quot;&#39;&lt;&amp;&gt;/b">');
  t.end();
});
