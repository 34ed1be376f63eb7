/** Following a log, and taking it up again where the line broke. */

import { Budget } from "./budget.js";
import { answered, ASK_AGAIN_SECONDS } from "./calls.js";
import { ConnectionFailed, DoError } from "./errors.js";
import { Messages } from "./messages.js";
import { eventOf, eventsOf, mayBeLast, refusalOf } from "./records.js";
import { eventPage, events, read } from "./requests.js";

const STREAM = "text/event-stream";
// How long the line may be silent; the service says every 15 s that it is still there.
const SILENCE_SECONDS = 45;
// How long it may stay broken; whatever comes in begins that anew.
const BROKEN_SECONDS = 60;
const END = "end";

/** Every event of a log after that number, once and in order, on to the end of the log. */
export function follow(line, id, { kind, ...options }) {
  return (kind.hasStream ? streamed : paged)(line, id, { kind, ...options });
}

/** The same for a log that is read page by page. */
async function* paged(line, id, { kind, after = 0, signal }) {
  let seen = after;
  let hasEnded = false;
  let isQuiet = true;
  let hasMore = true;
  // Each question has a budget of its own, begun with it: a process may stand still in a pause.
  const budget = () => new Budget(BROKEN_SECONDS, { signal });
  const ask = (request, reading) => answered(line, request, { budget: budget(), reading });
  while (!hasEnded || hasMore) {
    if (!hasMore) await budget().pause(ASK_AGAIN_SECONDS);
    if (isQuiet && !hasEnded) hasEnded = (await ask(read(kind, id), kind.read)).isEnded;
    // Read after the state: what was written before the end is in it, or in what follows it.
    const { entries, nextCursor } = await ask(eventPage(kind, id, seen), eventsOf);
    for (const event of entries) {
      seen = event.seq;
      yield event;
    }
    // Where nothing is said, or an end, it may have ended; that alone says that no more comes.
    isQuiet = entries.length === 0 || mayBeLast(entries.at(-1));
    hasMore = entries.length > 0 && nextCursor !== null;
  }
}

async function* streamed(line, id, { kind, after = 0, signal }) {
  const request = events(kind, id);
  let seen = after;
  let tryCount = 0;
  let budget = new Budget(BROKEN_SECONDS, { signal });
  let hasHeard;
  const hear = () => {
    hasHeard = true;
    budget = new Budget(BROKEN_SECONDS, { signal });
  };
  for (;;) {
    let trouble = null;
    hasHeard = false;
    try {
      for await (const message of messages(line, request, { after: seen, signal, hear })) {
        if (message.event === END) return;
        if (!message.text) continue;
        const event = eventOf(message.text);
        seen = event.seq;
        tryCount = 0;
        yield event;
      }
    } catch (error) {
      if (!(error instanceof DoError)) throw error;
      trouble = error;
    }
    // A stream ends before its log where that takes long; that is no trouble, if anything came.
    if (!trouble && hasHeard) await budget.pause(ASK_AGAIN_SECONDS);
    else await mended(trouble ?? new ConnectionFailed("The stream ended before the log."));
  }

  async function mended(error) {
    tryCount += 1;
    const delay = budget.delayAfter(error, { tryCount });
    if (delay === null) throw error;
    await budget.pause(delay);
  }
}

/** The messages of one connection, until it ends or breaks. */
async function* messages(line, request, { after, signal, hear }) {
  const stop = new AbortController();
  const give = () => stop.abort(signal.reason);
  signal?.throwIfAborted();
  let timer = setTimeout(() => stop.abort(), SILENCE_SECONDS * 1000);
  try {
    signal?.addEventListener("abort", give, { once: true });
    const headers = { Accept: STREAM, "Last-Event-ID": String(after) };
    const response = await heard(line.open(request, { headers, signal: stop.signal }), signal);
    const kind = response.headers.get("content-type") ?? "";
    if (response.status !== 200 || !kind.startsWith(STREAM)) {
      throw refusalOf(await heard(line.read(response), signal));
    }
    const reader = response.body.getReader();
    const found = new Messages();
    for (;;) {
      const { done, value } = await heard(reader.read(), signal);
      if (done) return;
      hear();
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE_SECONDS * 1000);
      yield* found.take(value);
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", give);
    // Whoever stops reading leaves no connection behind.
    stop.abort();
  }
}

async function heard(promise, signal) {
  try {
    return await promise;
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DoError) throw cause;
    throw new ConnectionFailed(`The line to the service failed: ${cause.message}.`, { cause });
  }
}
