/**
 * Dispatcharr's backup APIs over one database: the released one, and the draft with jobs that its documentation page
 * describes. What differs, and why, is in docs/dispatcharr.md.
 */
@NullMarked
package dev.holdfast.dialects.dispatcharr;

import org.jspecify.annotations.NullMarked;
