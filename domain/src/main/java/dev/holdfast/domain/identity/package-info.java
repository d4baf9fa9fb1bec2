/** The identifiers by which databases, backups and operations are known, each with the rules of its text. */
@NullMarked
package dev.holdfast.domain.identity;

import org.jspecify.annotations.NullMarked;
