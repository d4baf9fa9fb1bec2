/** Backups, restores and archives while applications write, and operations as clients follow them. */
package dev.holdfast.endtoend.operations;
