/** The soak over databases whose stores are exchanged, unmounted, frozen and remounted, with an account of each disk. */
package dev.holdfast.endtoend.soak.stores;
