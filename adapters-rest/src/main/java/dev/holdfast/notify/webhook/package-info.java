/**
 * Notices as webhooks, signed as <a href="https://www.standardwebhooks.com">Standard Webhooks</a> asks for, and the
 * address that is called after each success, so that its silence tells.
 *
 * <pre>
 * Notice ─ Webhooks ─┬─ Courier (queue, thread) ─ webhook
 *                    ├─ Courier                 ─ webhook
 *                    └─ Courier                 ─ a database's ping address
 * </pre>
 *
 * <p>Each receiver has a queue and a thread of its own, so a slow one delays itself alone. It gets its notices in order.
 */
@NullMarked
package dev.holdfast.notify.webhook;

import org.jspecify.annotations.NullMarked;
