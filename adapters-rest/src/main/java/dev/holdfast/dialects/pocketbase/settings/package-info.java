/** PocketBase's settings with their backup schedule, and its list of cron jobs. */
@NullMarked
package dev.holdfast.dialects.pocketbase.settings;

import org.jspecify.annotations.NullMarked;
