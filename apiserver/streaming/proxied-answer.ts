import { type Transform, pipeline } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";
import { LinkRewriter, type ProxiedPlace, proxiedUrl } from "./proxied-links.js";

type Headers = Readonly<Record<string, string | readonly string[]>>;

export interface ProxiedAnswer {
  /** Names in lower case. */
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Buffer>;
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createUnzip,
  deflate: createUnzip,
  br: createBrotliDecompress,
};
/** What a pod says of foreign pages' rights would be said of the whole API, whose host it is on. */
const CORS = /^access-control-allow-(?:credentials|headers|methods|origin)$/u;

/**
 * An answer as a browser needs it that sees the server through the API: redirections and the links
 * of pages lead through the proxy again.
 */
export function seenThroughProxy(answer: ProxiedAnswer, place: ProxiedPlace): ProxiedAnswer {
  const kept = Object.entries(answer.headers).filter(([name]) => !CORS.test(name));
  const headers: Record<string, string | readonly string[]> = Object.fromEntries(kept);
  const { location, "content-type": type = "" } = headers;
  if (typeof location === "string") {
    headers["location"] = proxiedUrl(location, place);
    return { headers, chunks: answer.chunks };
  }
  if (String(type).split(";")[0]?.trim().toLowerCase() !== "text/html") {
    return { headers, chunks: answer.chunks };
  }
  const encoding = String(headers["content-encoding"] ?? "identity").toLowerCase();
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decoder === undefined && encoding !== "identity") return { headers, chunks: answer.chunks };
  delete headers["content-encoding"];
  const plain = decoder === undefined ? answer.chunks : decoded(answer.chunks, decoder());
  return { headers, chunks: rewritten(plain, place) };
}

function decoded(chunks: AsyncIterable<Buffer>, decoder: Transform): AsyncIterable<Buffer> {
  // A failure ends what is read from the decoder, too.
  pipeline(chunks, decoder, () => {});
  return decoder as AsyncIterable<Buffer>;
}

async function* rewritten(
  chunks: AsyncIterable<Buffer>,
  place: ProxiedPlace,
): AsyncGenerator<Buffer> {
  const rewriter = new LinkRewriter(place);
  for await (const chunk of chunks) {
    const text = rewriter.push(chunk.toString("latin1"));
    if (text !== "") yield Buffer.from(text, "latin1");
  }
  yield Buffer.from(rewriter.end(), "latin1");
}
