/** Answers whose bodies are made while they are sent, with backpressure up from the socket. */
@NullMarked
package dev.holdfast.http.stream;

import org.jspecify.annotations.NullMarked;
