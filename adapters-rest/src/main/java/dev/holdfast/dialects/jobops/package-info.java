/**
 * JobOps' backup API in its words: what its web client and the scripts that people write against it send, answered from
 * the use cases that the native API has too. The API's own page is docs/jobops.md.
 */
@NullMarked
package dev.holdfast.dialects.jobops;

import org.jspecify.annotations.NullMarked;
