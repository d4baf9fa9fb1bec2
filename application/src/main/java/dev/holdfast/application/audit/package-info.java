/** The audit: who did what, from where, and with which outcome. */
@NullMarked
package dev.holdfast.application.audit;

import org.jspecify.annotations.NullMarked;
