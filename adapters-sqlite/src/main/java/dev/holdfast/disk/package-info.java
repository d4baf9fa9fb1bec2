/** What the adapters of this module need to know of the disks that they write to. */
@NullMarked
package dev.holdfast.disk;

import org.jspecify.annotations.NullMarked;
