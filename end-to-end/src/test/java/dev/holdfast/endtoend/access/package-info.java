/** Access control: accounts, roles, tokens and download links. */
package dev.holdfast.endtoend.access;
