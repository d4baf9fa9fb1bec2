/** What tries the server for longer than a test may: faults at each call, with a check from outside after each. */
package dev.holdfast.endtoend.soak;
