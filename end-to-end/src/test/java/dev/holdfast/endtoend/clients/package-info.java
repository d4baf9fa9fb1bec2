/** Real clients of the native APIs: generated ones, {@code curl}, and the examples of the documentation. */
package dev.holdfast.endtoend.clients;
