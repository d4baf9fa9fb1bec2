/** The server as a process of its own, from its start to its end, and the clients and commands that reach it. */
package dev.holdfast.endtoend.server;
