/** Other programs that own the databases: they write while the server backs up and restores. */
package dev.holdfast.endtoend.writers;
