/** Notices against receivers that are real HTTP servers on loopback. */
@NullMarked
package dev.holdfast.notify.webhook;

import org.jspecify.annotations.NullMarked;
