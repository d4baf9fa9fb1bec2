/** The program: its commands, its settings, and which adapter plays which port. */
@NullMarked
package dev.holdfast.bootstrap;

import org.jspecify.annotations.NullMarked;
