/** Databases as they are found: real ones of more than a gigabyte, and those that the server cannot use. */
package dev.holdfast.endtoend.sources;
