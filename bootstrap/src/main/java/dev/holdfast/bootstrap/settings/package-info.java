/** What a user can set, read from a YAML file, the environment and the command line. */
@NullMarked
package dev.holdfast.bootstrap.settings;

import org.jspecify.annotations.NullMarked;
