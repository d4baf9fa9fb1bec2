/** The native APIs next to each other: the same results, and the same problems for wrong inputs. */
package dev.holdfast.endtoend.api;
