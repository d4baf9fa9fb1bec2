/** A server or an application that is killed, and what is on the disk afterwards. */
package dev.holdfast.endtoend.crash;
