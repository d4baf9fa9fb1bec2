/** The server as a process, with other processes as the applications that own the databases. */
package dev.holdfast.bootstrap.endtoend;
