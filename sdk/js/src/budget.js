/** How the time of one call is spent: waiting, time-outs, delays. All times are in seconds. */

// How long the service is asked to hold an answer; it cuts this down to its own limit.
const LONGEST_WAIT = 20;
// How much longer than that the line may be silent.
const MARGIN = 10;
const FIRST_DELAY = 0.25;
const LONGEST_DELAY = 8;
// Who is told to wait for longer than a day gives up; no timer counts further than to 24 days.
const LONGEST_PAUSE = 86_400;

/** The time of one call. */
export class Budget {
  constructor(seconds, { signal } = {}) {
    this.until = now() + seconds;
    this.signal = signal;
  }

  /** What is left of it. */
  get left() {
    return this.until - now();
  }

  /** What the next try may take: `wait` is asked of the service, and always less than `timeout`. */
  allowance() {
    const left = Math.max(this.left, 0);
    const wait = Math.floor(Math.min(LONGEST_WAIT, left / 2));
    return { wait, timeout: Math.min(left, wait + MARGIN) };
  }

  /**
   * How long to wait before sending again after so many tries; null if not at all. Full jitter:
   * any time up to one that doubles, and never sooner than the service says.
   */
  delayAfter(error, { tryCount }) {
    if (!error.isRetriable) return null;
    const cap = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (tryCount - 1));
    const delay = Math.max(Math.random() * cap, error.retryAfter ?? 0);
    return delay < this.left && delay <= LONGEST_PAUSE ? delay : null;
  }

  /** Let so many seconds pass; throws the signal's reason if it is raised meanwhile. */
  async pause(seconds) {
    const { signal } = this;
    signal?.throwIfAborted();
    await new Promise((resolve, reject) => {
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(wake, seconds * 1000);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }
}

/** Seconds on a clock that only rises. */
export function now() {
  return performance.now() / 1000;
}
