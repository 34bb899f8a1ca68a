import { once } from "node:events";
import http2 from "node:http2";
import { connect } from "node:net";
import t from "tap";
import { encodeHeaders } from "./hpack.js";
import { Http2Listener } from "./listener.js";

const OPEN = encodeHeaders([[":status", "200"]]);
const END = encodeHeaders([["x-end", "yes"]]);
const LIMITS = {
  streamsMax: 200,
  streamWindowBytes: 100_000,
  connectionWindowBytes: 300_000,
  backlogBytesMax: 100_000,
};

/** Answers each request with what it was sent, as it comes. */
function listen(): Promise<Http2Listener> {
  return Http2Listener.listen({
    host: "127.0.0.1",
    port: 0,
    connectionsMax: 10,
    limits: LIMITS,
    onBroken: () => {},
    onStream: (stream) => {
      stream.headers(OPEN);
      stream.events = {
        onData: (bytes) => stream.data(Buffer.from(bytes)),
        onEnd: () => stream.end(END),
        onClose: () => {},
      };
    },
  });
}

/** One request of Node's own client: what came back, and the trailer. */
async function echo(
  session: http2.ClientHttp2Session,
  body: Buffer,
): Promise<{ readonly body: Buffer; readonly end: unknown }> {
  const request = session.request({ ":method": "POST", ":path": "/" });
  let end: unknown = null;
  request.on("trailers", (trailers) => {
    end = trailers["x-end"];
  });
  request.end(body);
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return { body: Buffer.concat(parts), end };
}

t.test("Node's client gets back what it sent, beyond every window, on many streams", async (t) => {
  const listener = await listen();
  t.teardown(() => listener.close());
  const session = http2.connect(`http://127.0.0.1:${listener.port}`);
  t.teardown(() => session.destroy());
  const sizes = [0, 1, 16_384, 16_385, 1 << 20, ...Array.from({ length: 100 }, (_, i) => i * 777)];
  const answers = await Promise.all(
    sizes.map((size, i) => echo(session, Buffer.alloc(size, `${i},`))),
  );
  sizes.forEach((size, i) => {
    t.ok(answers[i]?.body.equals(Buffer.alloc(size, `${i},`)), `${size} bytes`);
    t.equal(answers[i]?.end, "yes");
  });
});

t.test("a client that goes away takes its streams with it, and no other's", async (t) => {
  const listener = await listen();
  t.teardown(() => listener.close());
  const [one, other] = [1, 2].map(() => http2.connect(`http://127.0.0.1:${listener.port}`));
  t.teardown(() => other?.destroy());
  const request = one?.request({ ":method": "POST", ":path": "/" });
  request?.on("error", () => {});
  request?.write("a");
  await once(request as http2.ClientHttp2Stream, "data");
  one?.destroy();
  t.same((await echo(other as http2.ClientHttp2Session, Buffer.from("b"))).body.toString(), "b");
});

t.test("the end of the server is told to its clients", async (t) => {
  const listener = await listen();
  const session = http2.connect(`http://127.0.0.1:${listener.port}`);
  await echo(session, Buffer.from("a"));
  const gone = once(session, "goaway");
  await listener.close();
  t.same((await gone)[0], 0);
});

t.test("a client of another protocol is let go", async (t) => {
  const listener = await listen();
  t.teardown(() => listener.close());
  const socket = connect(listener.port, "127.0.0.1");
  socket.end("GET / HTTP/1.1\r\n\r\n");
  socket.resume();
  await once(socket, "close");
  t.pass("its connection was closed");
});
