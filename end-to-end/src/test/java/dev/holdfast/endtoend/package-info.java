/**
 * Tests that start the server as a process, with other processes as the applications that own the databases.
 * {@link dev.holdfast.endtoend.server.ServerProcess} is where they begin.
 */
package dev.holdfast.endtoend;
