/** Notices against receivers that are real HTTP servers on loopback. */
@NullMarked
package dev.holdfast.rest.notice;

import org.jspecify.annotations.NullMarked;
