/** The native API's calls for databases, their locations and stores, and the audit. */
@NullMarked
package dev.holdfast.rest.v1.database;

import org.jspecify.annotations.NullMarked;
