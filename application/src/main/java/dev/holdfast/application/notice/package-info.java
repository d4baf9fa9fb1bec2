/** Telling whoever looks after a database what happened to it. */
@NullMarked
package dev.holdfast.application.notice;

import org.jspecify.annotations.NullMarked;
