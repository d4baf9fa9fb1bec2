/** Plans: scheduled backups, retention, verification, restore drills and their notifications. */
package dev.holdfast.endtoend.plans;
