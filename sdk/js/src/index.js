/**
 * Execute actions by name: `new Do(key).action.execute({ name, params })` gives
 * `{ result, error }`.
 */

export { Do, Handle } from "./client.js";
export {
  ActionFailed,
  ApiError,
  Conflict,
  ConnectionFailed,
  DoError,
  Forbidden,
  Invalid,
  NotFound,
  Pending,
  RateLimited,
  Unauthenticated,
  Unavailable,
  UnusableAnswer,
  WebhookInvalid,
} from "./errors.js";
export { Execution } from "./records.js";
export { VERSION } from "./settings.js";
export { signWebhook, verifyWebhook } from "./webhooks.js";
