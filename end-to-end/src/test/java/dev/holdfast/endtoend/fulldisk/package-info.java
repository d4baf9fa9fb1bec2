/** Full disks. Each one is a small file system of its own; mounting it takes root. */
package dev.holdfast.endtoend.fulldisk;
