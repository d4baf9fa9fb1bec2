/** The example of docs/clients.md. */
package dev.holdfast.example;
