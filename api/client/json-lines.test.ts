import t from "tap";
import { LineSplitter } from "./json-lines.js";

void t.test("lines come out whole, wherever the bytes are cut", (t) => {
  const text = '{"a":"ü"}\n\n{"b":"€"}\nrest';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size += 1) {
    const splitter = new LineSplitter(100);
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size)
      lines.push(...splitter.push(bytes.subarray(at, at + size)));
    t.strictSame(lines, ['{"a":"ü"}', '{"b":"€"}'], `in pieces of ${size}`);
    t.equal(splitter.unfinishedBytes, 4);
  }
  t.end();
});

void t.test("a line without end is refused, not kept", (t) => {
  const splitter = new LineSplitter(10);
  splitter.push(Buffer.from("12345"));
  t.throws(() => splitter.push(Buffer.from("678901")), { code: "LineTooLong" });
  t.end();
});
