/** The APIs of PocketBase, JobOps and Dispatcharr, with their own clients and data directories. */
package dev.holdfast.endtoend.dialects;
